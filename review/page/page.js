// The worksheet's page: shows what was embedded, takes answers, and saves them
// as a file. Whatever came from a directory becomes text nodes and nothing
// else; reeve-worksheet(5) has the formats.

const data = JSON.parse(document.getElementById("data").textContent);
[data.form, data.campaign, data.population, data.reviewer] = JSON.parse(data.head);
const kinds = ["keep", "revoke", "modify", "disable", "delete", "exception", "not-mine"];
const perPage = 50;
const perGroup = 50;
const exceptionDays = 179; // its last day ends within the 180 days
const idleMost = 60000; // ms: longer without a sign of life is not work

// question: {n, kind, titles, privileged, flagged, low, seen, items, answer}
// item: {n, question, key, person, privileged, severity, novelty, low, facts, answer}
// answer: {decision, reason, change, compensation, ends, proposal, decided,
//          seconds, bulk}; decision "" while there is none
const questions = [];
const state = {
	chinese: /^zh/i.test(navigator.language),
	page: 0,
	current: 0, // index of the question that the keys mean
	dirty: false,
	altered: false,
	checked: false, // whether it is altered is known
	lastReason: "",
	opened: new Date(),
	worked: 0, // ms of work since the last answer
	alive: performance.now(), // the last sign of life
	open: new Map(), // question n: how many items of its group are shown
	status: "",
};

// ---- Words ----

function say(key, ...values) {
	const pair = words[key];
	return pair[state.chinese ? 1 : 0].replace(/\{(\d)\}/g, (_, i) => values[i]);
}

// A text of a directory can't turn the line around or hide in it.
function harmless(text) {
	return String(text).replace(
		/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]/g,
		(c) => "\u2039U+" + c.charCodeAt(0).toString(16).toUpperCase().padStart(4, "0") + "\u203a");
}

function day(date) {
	const two = (n) => String(n).padStart(2, "0");
	return date.getFullYear() + "-" + two(date.getMonth() + 1) + "-" + two(date.getDate());
}

function dayOf(text) {
	const date = new Date(text);
	return Number.isNaN(date.getTime()) ? harmless(text) : day(date);
}

function dayFromNow(days) {
	const date = new Date();
	date.setDate(date.getDate() + days);
	return day(date);
}

// ---- Elements ----

function make(tag, settings, ...children) {
	const element = document.createElement(tag);
	for (const [name, value] of Object.entries(settings || {})) {
		if (name.startsWith("on"))
			element.addEventListener(name.slice(2), value);
		else if (typeof value === "boolean")
			element[name] = value;
		else if (value !== null && value !== undefined)
			element.setAttribute(name, value);
	}
	element.append(...children.filter((c) => c !== null));
	return element;
}

function text(value) {
	return make("bdi", null, harmless(value));
}

function button(label, onclick, name) {
	return make("button", { type: "button", class: name, onclick }, label);
}

function badge(name, sign, label) {
	return make("span", { class: "badge " + name },
		make("span", { "aria-hidden": "true" }, sign + " "), label);
}

// ---- What was embedded ----

function answerNew() {
	return { decision: "", reason: "", change: "", compensation: "", ends: "",
		proposal: "", decided: "", seconds: 0, bulk: 1 };
}

async function digest(string) {
	const bytes = new TextEncoder().encode(string);
	return hex(await crypto.subtle.digest("SHA-256", bytes));
}

function hex(buffer) {
	return Array.from(new Uint8Array(buffer), (b) => b.toString(16).padStart(2, "0")).join("");
}

function unhex(string) {
	return Uint8Array.from(string.match(/../g) || [], (b) => parseInt(b, 16));
}

function readItem(line) {
	const [n, question, key, person, privileged, severity, novelty, low, facts] = JSON.parse(line);
	return { n, question, key, person, privileged, severity, novelty, low, facts, answer: answerNew() };
}

function readQuestion(entry) {
	const [first, ...lines] = entry.lines;
	const [n, kind, title, titleZh, , privileged, flagged, low] = JSON.parse(first);
	return { n, kind, titles: [title, titleZh], privileged, flagged, low, seen: entry.seen,
		items: lines.map(readItem), answer: answerNew() };
}

// What is shown must be what the digests say was exported.
async function isAltered() {
	let all = data.head + "\n";
	for (const entry of data.questions) {
		if (await digest(entry.lines.join("\n") + "\n") !== entry.seen)
			return true;
		all += entry.seen + "\n";
	}
	return await digest(all) !== data.digest;
}

// ---- Answers ----

function isRisky(item) {
	return item.privileged !== 0 || !["", "low", "info"].includes(item.severity);
}

function reasonNeeded(decision, items) {
	return decision !== "" && (decision !== "keep" || items.some(isRisky));
}

function isBulk(question) {
	return question.low === 1 && question.flagged === 0 && question.privileged === 0 &&
		question.answer.decision === "" && !question.items.some((i) => i.answer.decision !== "");
}

// The names of what an answer still needs.
function lacks(answer, items) {
	const found = [];
	const need = (name, word) => {
		if (answer[name].trim() === "")
			found.push(say(word));
	};
	if (reasonNeeded(answer.decision, items))
		need("reason", "reason");
	if (answer.decision === "modify")
		need("change", "change");
	if (answer.decision === "exception") {
		need("compensation", "compensation");
		if (answer.ends < dayFromNow(1) || answer.ends > dayFromNow(exceptionDays))
			found.push(say("endsRange"));
	}
	if (answer.decision === "not-mine")
		need("proposal", "proposal");
	return found;
}

// What an item's own answer leaves to the group's.
function itemsOfGroup(question) {
	return question.items.filter((i) => i.answer.decision === "");
}

function isDecided(question) {
	return question.answer.decision !== "" || itemsOfGroup(question).length === 0;
}

function isWhole(question) {
	return lacks(question.answer, question.items).length === 0 &&
		question.items.every((i) => lacks(i.answer, [i]).length === 0);
}

function isAnswered(question) {
	return isDecided(question) && isWhole(question);
}

function countOpen(from, to) {
	return questions.slice(from, to).filter((q) => !isAnswered(q)).length;
}

// ---- Time ----

function signOfLife() {
	const now = performance.now();
	if (!document.hidden)
		state.worked += Math.min(now - state.alive, idleMost);
	state.alive = now;
}

function takeWorked() {
	signOfLife();
	const seconds = state.worked / 1000;
	state.worked = 0;
	return seconds;
}

function now() {
	return new Date().toISOString().slice(0, 19) + "Z";
}

function touched() {
	state.dirty = true;
	showProgress();
}

function decide(answer, decision) {
	answer.decision = decision;
	answer.seconds += takeWorked();
	answer.decided = now();
	answer.bulk = 1;
	touched();
}

// ---- One item's facts ----

const severities = { critical: "critical", high: "high", medium: "medium", low: "lowSeverity", info: "info" };

function accountText(f) {
	const where = f.host ? f.host + ", " + f.source : f.source;
	return say("accountOn", f.account || "?", where || "?");
}

function rightText(f) {
	if (!f.right && !f.right_en && !f.right_zh)
		return say("theAccount");
	return (state.chinese ? f.right_zh || f.right_en : f.right_en || f.right_zh) || f.right;
}

function titleText(question) {
	return question.titles[state.chinese ? 1 : 0] || rightText(question.items[0].facts);
}

function holderText(f) {
	return f.person || f.display || f.account || say("nobody");
}

function usedText(f) {
	if (!f.used)
		return say("unknown");
	const about = f.used_certain ? say("usedCertain")
		: f.used_resolution ? say("usedAbout", Math.ceil(f.used_resolution / 86400))
		: say("usedUncertain");
	return dayOf(f.used) + " (" + about + ")";
}

function acquiredText(f) {
	const how = String(f.acquired_how || "");
	const ticket = how.replace(/^approval:? */, "");
	const word = how === "directory" ? say("acquiredDirectory")
		: how === "pull" ? say("acquiredPull")
		: how.startsWith("approval") ? say("acquiredApproval", ticket) : "";
	return dayOf(f.acquired) + (word ? " (" + word + ")" : "");
}

function pathText(f) {
	const steps = (f.path || []).map(String);
	if (steps.length < 2)
		return say("direct");
	return steps.join(" \u203a ") + (f.ways > 1 ? ", " + say("ways", f.ways - 1) : "");
}

function lastText(last) {
	const name = words[last.decision] ? say(last.decision) : last.decision;
	return say("lastBy", name, last.by || "?", dayOf(last.at || ""));
}

function factRows(item) {
	const f = item.facts;
	const rows = [["account", accountText(f)]];
	if (!f.person && f.owner)
		rows.push(["owner", f.owner]);
	if (f.right) {
		if (rightText(f) !== f.right)
			rows.push(["right", f.right]);
		rows.push(["path", pathText(f)]);
	}
	if (f.description)
		rows.push(["description", f.description]);
	if (f.acquired)
		rows.push(["acquired", acquiredText(f)]);
	rows.push(["used", usedText(f)]);
	if (f.peers > 0)
		rows.push(["peers", say("peersHolding", f.peers_holding || 0, f.peers)]);
	if (f.right_owner)
		rows.push(["rightOwner", f.right_owner]);
	if (f.last)
		rows.push(["last", lastText(f.last)]);
	return rows;
}

function factList(item) {
	const list = make("dl", { class: "facts" });
	for (const [name, value] of factRows(item))
		list.append(make("div", null, make("dt", null, say(name)), make("dd", null, text(value))));
	return list;
}

function findingList(item) {
	const list = make("ul", { class: "findings", "aria-label": say("findings") });
	list.classList.toggle("mild", ["", "low", "info"].includes(item.severity));
	for (const f of item.facts.findings || []) {
		const title = (state.chinese ? f.title_zh || f.title : f.title) || f.rule;
		const more = (state.chinese ? f.text_zh || f.text : f.text) || "";
		list.append(make("li", null, severityBadge(f.severity), text(title),
			more && more !== title ? make("span", { class: "more" }, ": ", text(more)) : null));
	}
	return list.childElementCount > 0 ? list : null;
}

function severityBadge(severity) {
	const sign = { critical: "\u25b2\u25b2", high: "\u25b2", medium: "\u25c6" }[severity] || "\u25cb";
	return badge("severity-" + (severities[severity] ? severity : "info"), sign,
		severities[severity] ? say(severities[severity]) : harmless(severity));
}

function badges(item) {
	const f = item.facts;
	return make("span", { class: "badges" },
		item.privileged === 1 ? badge("privileged", "\u2605", say("privileged")) : null,
		item.privileged === null ? badge("privileged", "\u2606", say("privilegedUnknown")) : null,
		f.status === "left" ? badge("severity-high", "\u25b2", say("left")) : null,
		f.status === "absent" ? badge("severity-medium", "\u25c6", say("absent")) : null,
		item.novelty === "new" ? badge("new", "+", say("isNew")) : null,
		item.novelty === "finding" ? badge("new", "+", say("newFinding")) : null,
		f.enabled === false ? badge("plain", "\u2013", say("disabledAccount")) : null,
		item.low === 1 ? badge("plain", "\u2713", say("low")) : null);
}

function who(item) {
	const f = item.facts;
	const more = [f.department, f.title, f.employee].filter(Boolean).join(", ");
	return make("span", { class: "who" }, make("strong", null, text(holderText(f))),
		more ? make("span", { class: "more" }, " ", text(more)) : null);
}

// ---- The answer's fields ----

// An exception is made for each item by itself.
function possible(items) {
	return kinds.filter((k) => k === "revoke" ? items.some((i) => i.facts.right)
		: k === "exception" ? items.length === 1 : true);
}

function choices(about, answer, name, items, redraw) {
	const box = make("fieldset", { class: "choices" },
		make("legend", { class: "unseen" }, say("decision") + ": " + harmless(about)));
	possible(items).forEach((kind) => {
		const input = make("input", { type: "radio", name, value: kind,
			checked: answer.decision === kind,
			onchange: () => { decide(answer, kind); redraw(); } });
		box.append(make("label", { class: "choice choice-" + kind }, input,
			make("span", null, make("kbd", { "aria-hidden": "true" }, String(kinds.indexOf(kind) + 1)),
				say(kind))));
	});
	return box;
}

function field(answer, name, label, settings) {
	const tag = settings && settings.type ? "input" : "textarea";
	const input = make(tag, { class: "field-" + name, maxlength: "300", rows: tag === "textarea" ? "1" : null,
		...settings, oninput: () => { answer[name] = input.value; answer.bulk = 1; touched(); showLacks(); } });
	input.value = answer[name];
	const lacksLine = () => input.closest("[data-lacks]");
	function showLacks() {
		const line = lacksLine();
		if (line)
			line.dispatchEvent(new CustomEvent("answer"));
	}
	return make("label", { class: "field" }, make("span", null, label), input);
}

function reasonField(answer, items, redraw) {
	const needed = reasonNeeded(answer.decision, items);
	const row = make("div", { class: "reason" },
		field(answer, "reason", say(needed ? "reasonNeeded" : "reason")));
	row.querySelector("textarea").addEventListener("change", (event) => {
		if (event.target.value.trim() !== "")
			state.lastReason = event.target.value;
	});
	if (state.lastReason !== "" && answer.reason === "")
		row.append(button(say("sameReason"), () => {
			answer.reason = state.lastReason;
			touched();
			redraw();
		}, "quiet"));
	return row;
}

// Only what the decision asks for is there.
function details(answer, items, redraw) {
	const box = make("div", { class: "details" });
	if (answer.decision === "")
		return box;
	if (answer.decision === "modify")
		box.append(field(answer, "change", say("change")));
	if (answer.decision === "exception")
		box.append(field(answer, "compensation", say("compensation")),
			field(answer, "ends", say("ends"), { type: "date", min: dayFromNow(1), max: dayFromNow(exceptionDays) }));
	if (answer.decision === "not-mine")
		box.append(field(answer, "proposal", say("proposal"), { type: "text", maxlength: "64" }));
	box.append(reasonField(answer, items, redraw));
	box.append(button(say("clear"), () => {
		Object.assign(answer, answerNew());
		touched();
		redraw();
	}, "quiet"));
	return box;
}

function answerBox(about, answer, name, items, redraw) {
	const line = make("p", { class: "lacks" });
	const box = make("div", { class: "answer", "data-lacks": "" },
		choices(about, answer, name, items, redraw), details(answer, items, redraw), line);
	const show = () => {
		const found = lacks(answer, items);
		line.textContent = found.length > 0
			? say("missing", found.map((t) => t.replace(/ *[((][^))]*[))]$/, "")).join(state.chinese ? "、" : ", "))
			: "";
	};
	box.addEventListener("answer", show);
	show();
	return box;
}

// ---- Questions ----

function itemText(item) {
	return make("p", { class: "item-facts" }, text([rightText(item.facts), ...factRows(item)
		.filter(([name]) => ["account", "used", "last"].includes(name))
		.map(([name, value]) => name === "account" ? value : say(name) + " " + value)].join("; ")));
}

function itemOnPaper(item) {
	return make("li", { class: "item" }, make("div", { class: "item-line" }, who(item), badges(item)),
		itemText(item), findingList(item),
		item.answer.decision === "" ? null : printedAnswer(item.answer));
}

function itemRow(question, item) {
	const row = make("li", { class: "item" });
	const draw = () => {
		const select = make("select", {
			"aria-label": say("itemDecision", harmless(holderText(item.facts))),
			onchange: () => {
				if (select.value === "")
					Object.assign(item.answer, answerNew());
				else
					decide(item.answer, select.value);
				touched();
				draw();
				row.querySelector("select").focus();
				showCard(question);
			} });
		select.append(make("option", { value: "" }, say("asGroup")));
		possible([item]).forEach((k) =>
			select.append(make("option", { value: k, selected: item.answer.decision === k }, say(k))));
		const line = make("p", { class: "lacks" });
		const show = () => {
			const found = lacks(item.answer, [item]);
			line.textContent = found.length > 0 ? say("missing", found.join(", ")) : "";
		};
		const box = make("div", { "data-lacks": "" }, details(item.answer, [item], draw), line);
		box.addEventListener("answer", show);
		show();
		row.replaceChildren(
			make("div", { class: "item-line" }, who(item), badges(item), select),
			itemText(item),
			findingList(item) || "", box);
	};
	draw();
	return row;
}

function group(question, all) {
	const shown = all ? question.items.length : Math.min(state.open.get(question.n) || 0, question.items.length);
	const own = question.items.length - itemsOfGroup(question).length;
	const box = make("div", { class: "group" });
	const count = question.items.length;
	box.append(make("div", { class: "group-line" },
		button(shown > 0 ? say("hide") : say("show", count), () => unfold(question, shown === 0), "quiet unfold"),
		own > 0 ? make("span", { class: "more" }, say("deviations", own)) : null));
	box.querySelector("button").setAttribute("aria-expanded", String(shown > 0));
	if (shown > 0) {
		const list = make("ul", { class: "items" });
		question.items.slice(0, shown).forEach((i) => list.append(all ? itemOnPaper(i) : itemRow(question, i)));
		box.append(list);
	}
	if (shown > 0 && shown < count)
		box.append(button(say("more", Math.min(perGroup, count - shown)), () => {
			state.open.set(question.n, shown + perGroup);
			redraw(question);
		}, "quiet"));
	return box;
}

function unfold(question, open) {
	state.open.set(question.n, open ? perGroup : 0);
	redraw(question);
	const at = card(question).querySelector(".unfold");
	if (at)
		at.focus();
}

function fillCard(element, question, all) {
	const single = question.items.length === 1;
	const item = question.items[0];
	const again = () => redraw(question, true);
	const head = make("h2", null, make("span", { class: "number" }, String(question.n)));
	if (single)
		head.append(make("span", { class: "right" }, text(rightText(item.facts))), badges(item));
	else
		head.append(make("span", { class: "right" },
			text(titleText(question))),
			make("span", { class: "badges" },
				question.items.some((i) => i.privileged === 1) ? badge("privileged", "\u2605", say("privileged"))
					: question.privileged !== 0 ? badge("privileged", "\u2606", say("privilegedUnknown")) : null,
				question.kind === "unchanged" ? badge("plain", "=", say("unchanged")) : null,
				question.low === 1 ? badge("plain", "\u2713", say("low")) : null));
	element.replaceChildren(head);
	if (single)
		element.append(make("p", { class: "holder" }, who(item)), findingList(item) || "", factList(item));
	else
		element.append(make("p", { class: "holder" }, say("group", question.items.length)), group(question, all));
	if (!all)
		element.append(answerBox(single ? holderText(item.facts) : titleText(question), question.answer,
			"question-" + question.n, question.items, again));
	else // on paper buttons say nothing
		element.append(printedAnswer(question.answer));
	mark(element, question);
}

function mark(element, question) {
	element.classList.toggle("decided", isAnswered(question));
	element.classList.toggle("flagged", question.flagged !== 0 || question.privileged !== 0);
	element.classList.toggle("current", questions[state.current] === question);
	element.setAttribute("aria-label", say("question", question.n));
}

function makeCard(question, all) {
	const element = make("li", { class: "card", id: "question-" + question.n, tabindex: "-1" });
	element.addEventListener("focusin", () => setCurrent(questions.indexOf(question)));
	element.addEventListener("pointerdown", () => setCurrent(questions.indexOf(question)));
	fillCard(element, question, all);
	return element;
}

function card(question) {
	return document.getElementById("question-" + question.n);
}

function showCard(question) {
	const element = card(question);
	if (element)
		mark(element, question);
}

function redraw(question, keepFocus) {
	const element = card(question);
	if (!element)
		return;
	fillCard(element, question, false);
	if (!keepFocus)
		return;
	const lacking = question.answer.decision !== "" && lacks(question.answer, question.items).length > 0;
	const wanted = lacking
		? [...element.querySelectorAll(".answer > .details input, .answer > .details textarea")]
			.find((i) => i.value.trim() === "")
		: element.querySelector(".answer input:checked") || element;
	(wanted || element).focus({ preventScroll: true });
}

function printedAnswer(answer) {
	const parts = [say(answer.decision || "undecided")];
	for (const name of ["change", "compensation", "ends", "proposal", "reason"])
		if (answer[name] !== "")
			parts.push(answer[name]);
	return make("p", { class: "printed" }, say("decision") + ": ", text(parts.join("; ")));
}

// ---- The page ----

const parts = {};

function header() {
	const language = (chinese, label, code) => make("button", { type: "button", lang: code,
		"aria-pressed": String(state.chinese === chinese), class: "language",
		onclick: () => { state.chinese = chinese; draw(); } }, label);
	parts.count = make("span", { class: "count" });
	parts.bar = make("progress", { max: String(questions.length), value: "0", "aria-label": say("progress") });
	parts.unsaved = make("span", { class: "unsaved" });
	return make("header", null,
		make("div", { class: "top" },
			make("h1", null, say("title") + " ", text(data.campaign), " ",
				data.rehearsal ? badge("severity-high", "\u25b2", say("rehearsalShort")) : null),
			make("div", { role: "group", class: "languages", "aria-label": say("language") },
				language(false, "English", "en"), language(true, "中文", "zh-Hant-TW"))),
		make("p", { class: "about" }, say("reviewer") + " ",
			text(data.name ? data.name + " (" + data.reviewer + ")" : data.reviewer), " \u00b7 ",
			say("due") + " ", text(dayOf(data.due))),
		make("div", { class: "tools" }, parts.bar, parts.count, parts.unsaved,
			button(say("next"), goNext, "quiet"), button(say("help"), showKeys, "quiet"),
			button(say("print"), () => window.print(), "quiet"),
			button(say("resume"), () => parts.file.click(), "quiet"),
			button(say("save"), showSave, "main")));
}

function showProgress() {
	const open = countOpen(0, questions.length);
	parts.bar.value = questions.length - open;
	parts.count.textContent = say("ofAll", questions.length - open, questions.length);
	parts.unsaved.textContent = state.dirty ? "\u25cf " + say("unsaved") : "";
	parts.done.hidden = open > 0;
	showPages();
	showBulk();
	questions.slice(state.page * perPage, (state.page + 1) * perPage).forEach(showCard);
}

function showPages() {
	const count = Math.ceil(questions.length / perPage);
	for (const nav of parts.pages) {
		nav.replaceChildren();
		nav.hidden = count < 2;
		for (let i = 0; i < count && count > 1; i++) {
			const open = countOpen(i * perPage, (i + 1) * perPage);
			const label = say("page", i + 1) + (open > 0 ? ", " + say("pageOpen", open) : "");
			nav.append(make("button", { type: "button", "aria-label": label, title: label,
				"aria-current": i === state.page ? "page" : null,
				onclick: () => goTo(i * perPage) }, String(i + 1) + (open === 0 ? " \u2713" : "")));
		}
	}
}

function showBulk() {
	const left = questions.filter(isBulk);
	parts.bulk.hidden = left.length < 2;
	if (left.length < 2 || parts.bulk.contains(document.activeElement))
		return;
	const list = make("ul", null);
	left.forEach((q) => list.append(make("li", null, text(q.items.length === 1
		? holderText(q.items[0].facts) + ": " + rightText(q.items[0].facts)
		: titleText(q)))));
	parts.bulk.replaceChildren(make("h2", null, say("bulkTitle", left.length)),
		make("p", null, say("bulkText")),
		make("details", null, make("summary", null, say("bulkShow")), list),
		button(say("bulk", left.length), () => keepAll(left), ""));
}

// Each says how many and how long it was in all.
function keepAll(left) {
	const seconds = takeWorked();
	const at = now();
	for (const q of left)
		Object.assign(q.answer, { decision: "keep", decided: at, seconds, bulk: left.length });
	document.activeElement.blur();
	state.dirty = true;
	draw();
	tell(say("bulkDone", left.length));
}

function drawQuestions(all) {
	const from = all ? 0 : state.page * perPage;
	const list = questions.slice(from, all ? questions.length : from + perPage);
	parts.list.replaceChildren(...list.map((q) => makeCard(q, all)));
}

function signature() {
	return make("section", { class: "paper" },
		make("p", null, say("digest") + ": " + data.digest), make("p", null, say("selfReported")),
		make("p", { class: "sign" }, say("signature"), make("span"), say("date"), make("span")));
}

function draw(all) {
	document.documentElement.lang = state.chinese ? "zh-Hant-TW" : "en";
	document.title = say("title") + " " + harmless(data.campaign);
	parts.pages = [0, 1].map(() => make("nav", { "aria-label": say("pages"), class: "pages" }));
	parts.list = make("ol", { class: "cards" });
	parts.bulk = make("section", { class: "bulk" });
	parts.done = make("p", { class: "done" }, "\u2713 " + say("allDone"));
	parts.main = make("main", null,
		data.rehearsal ? make("p", { class: "warning" }, say("rehearsal")) : null,
		state.altered ? make("p", { class: "warning", role: "alert" }, say("altered")) : null,
		make("section", { class: "introduction" }, make("p", { class: "ask" }, say("introduction")),
			make("p", null, say("steps"))),
		parts.bulk, parts.pages[0], parts.list, parts.pages[1], parts.done,
		make("p", { class: "note" }, say("selfReported")), signature());
	parts.frame.replaceChildren(header(), parts.main);
	drawQuestions(all === true);
	showProgress();
}

function tell(message) {
	parts.status.textContent = message;
}

// ---- Moving ----

function setCurrent(index) {
	const before = questions[state.current];
	if (index === state.current || index < 0)
		return;
	state.current = index;
	showCard(before);
	showCard(questions[index]);
}

function goTo(index) {
	if (index < 0 || index >= questions.length)
		return;
	const page = Math.floor(index / perPage);
	if (page !== state.page) {
		state.page = page;
		drawQuestions(false);
		showPages();
	}
	setCurrent(index);
	const element = card(questions[index]);
	element.focus({ preventScroll: true });
	element.scrollIntoView({ block: "start",
		behavior: matchMedia("(prefers-reduced-motion: reduce)").matches ? "auto" : "smooth" });
}

function goNext() {
	for (let i = 1; i <= questions.length; i++) {
		const index = (state.current + i) % questions.length;
		if (!isAnswered(questions[index]))
			return goTo(index);
	}
	tell(say("allDone"));
}

function decideByKey(number) {
	const question = questions[state.current];
	const element = card(question);
	const input = element && element.querySelector(`.answer input[value="${kinds[number]}"]`);
	if (!input)
		return;
	decide(question.answer, kinds[number]);
	redraw(question, true);
	if (lacks(question.answer, question.items).length === 0)
		goTo(state.current + 1);
}

const keys = [
	["\u2193 j, \u2191 k", "keyMove"], ["1\u20137", "keyDecide"], ["n", "keyNext"], ["u", "keyOpen"],
	["r", "keyReason"], ["Esc", "keyBack"], ["Ctrl+S", "keySave"], ["?", "help"],
];

const actions = {
	ArrowDown: () => goTo(state.current + 1),
	j: () => goTo(state.current + 1),
	ArrowUp: () => goTo(state.current - 1),
	k: () => goTo(state.current - 1),
	n: goNext,
	u: () => {
		const q = questions[state.current];
		if (q.items.length > 1)
			unfold(q, !state.open.get(q.n));
	},
	r: () => {
		const reason = card(questions[state.current]).querySelector(".answer > .details .field-reason");
		if (reason)
			reason.focus();
	},
	"?": () => showKeys(),
};

function onKey(event) {
	if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "s") {
		event.preventDefault();
		if (!document.querySelector("dialog[open]"))
			showSave();
		return;
	}
	if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || document.querySelector("dialog[open]"))
		return;
	const at = event.target;
	if (at.matches("textarea, select, input:not([type=radio])")) {
		if (event.key === "Escape" || (event.key === "Enter" && !event.shiftKey && at.matches(".answer *"))) {
			event.preventDefault();
			const whole = isWhole(questions[state.current]);
			if (event.key === "Enter" && whole && state.current + 1 < questions.length)
				goTo(state.current + 1);
			else
				card(questions[state.current]).focus({ preventScroll: true });
		}
		return;
	}
	if (/^[1-7]$/.test(event.key)) {
		event.preventDefault();
		decideByKey(Number(event.key) - 1);
	} else if (Object.hasOwn(actions, event.key)) {
		event.preventDefault();
		actions[event.key]();
	}
}

// ---- Dialogs ----

function dialog(title, ...children) {
	const box = make("dialog", { "aria-labelledby": "dialog-title" },
		make("h2", { id: "dialog-title" }, title), ...children);
	box.addEventListener("close", () => box.remove());
	document.body.append(box);
	box.showModal();
	return box;
}

function showKeys() {
	const list = make("dl", { class: "keys" });
	keys.forEach(([key, word]) =>
		list.append(make("div", null, make("dt", null, make("kbd", null, key)), make("dd", null, say(word)))));
	const box = dialog(say("help"), list, make("p", { class: "actions" },
		button(say("close"), () => box.close(), "main")));
}

function badList() {
	const list = make("ul", { class: "bad" });
	questions.filter((q) => !isWhole(q)).slice(0, 10).forEach((q) =>
		list.append(make("li", null, button(say("question", q.n), () => {
			document.querySelector("dialog[open]").close();
			goTo(questions.indexOf(q));
		}, "quiet"))));
	return list;
}

function showSave() {
	if (!state.checked)
		return undefined;
	if (state.altered)
		return tell(say("altered"));
	const open = countOpen(0, questions.length);
	const bad = badList();
	const error = make("p", { class: "lacks", role: "alert", id: "code-error" });
	const coded = data.check !== null && crypto.subtle;
	const code = make("input", { type: "text", id: "code", autocomplete: "off", spellcheck: "false",
		autocapitalize: "characters", "aria-describedby": "code-help code-error", placeholder: "XXXXX-XXXXX-XXXXX-XXXXX" });
	const none = make("input", { type: "checkbox", id: "no-code",
		onchange: () => { code.disabled = none.checked; noneHelp.hidden = !none.checked; } });
	const noneHelp = make("p", { class: "more", hidden: true }, say("noCodeHelp"));
	const form = make("form", { method: "dialog", onsubmit: async (event) => {
		event.preventDefault();
		const wrong = await save(coded && !none.checked ? code.value : null);
		error.textContent = wrong || "";
		if (wrong)
			code.focus();
		else
			box.close();
	} },
		make("p", null, open > 0 ? say("saveOpen", open) : say("saveAll", questions.length)),
		bad.childElementCount > 0 ? make("p", { class: "lacks" }, say("saveBad")) : null,
		bad.childElementCount > 0 ? bad : null,
		coded ? make("label", { class: "field" }, make("span", null, say("code")), code) : null,
		coded ? make("p", { class: "more", id: "code-help" }, say("codeHelp")) : null,
		coded ? make("label", null, none, " " + say("noCode")) : null,
		coded ? noneHelp : null,
		data.check !== null && !crypto.subtle ? make("p", { class: "lacks" }, say("noCrypto")) : null,
		error,
		make("p", { class: "actions" }, button(say("cancel"), () => box.close(), ""),
			make("button", { type: "submit", class: "main" }, say("saveNow"))));
	const box = dialog(say("saveTitle"), form);
	if (coded)
		code.focus();
}

// ---- Saving ----

// Crockford's base32: what people take for another digit is that digit.
function plainCode(typed) {
	const plain = typed.toUpperCase().replace(/[\s-]/g, "").replace(/O/g, "0").replace(/[IL]/g, "1");
	return /^[0-9A-HJKMNP-TV-Z]{20}$/.test(plain) ? plain : null;
}

async function derive(code, what, bits) {
	const from = await crypto.subtle.importKey("raw", new TextEncoder().encode(code), "HKDF", false, ["deriveBits"]);
	return crypto.subtle.deriveBits({ name: "HKDF", hash: "SHA-256", salt: unhex(data.digest),
		info: new TextEncoder().encode("reeve-worksheet " + what) }, from, bits);
}

function line(question, item, answer) {
	const out = { question: question.n, seen: question.seen, item, decision: answer.decision, reason: answer.reason.trim() };
	const more = { modify: ["change"], exception: ["compensation", "ends"], "not-mine": ["proposal"] }[answer.decision];
	for (const name of more || [])
		out[name] = answer[name].trim();
	out.decided = answer.decided;
	out.seconds = Math.round(answer.seconds);
	out.bulk = answer.bulk;
	return JSON.stringify(out);
}

function lines() {
	const all = [];
	for (const q of questions) {
		if (q.answer.decision !== "")
			all.push(line(q, 0, q.answer));
		for (const i of q.items)
			if (i.answer.decision !== "" && q.items.length > 1)
				all.push(line(q, i.n, i.answer));
	}
	return all;
}

// Everything before the last line, which the HMAC is over.
function unsignedText() {
	const head = { worksheet: data.form, campaign: data.campaign, population: data.population,
		reviewer: data.reviewer, digest: data.digest, language: state.chinese ? "zh-TW" : "en",
		opened: state.opened.toISOString().slice(0, 19) + "Z", saved: now() };
	return JSON.stringify(head).slice(0, -1) + ",\n\"decisions\":[\n" + lines().join(",\n") + "\n],\n";
}

// Saves; or says what is wrong with the code.
async function save(typed) {
	const body = unsignedText();
	let mac = "";
	if (typed !== null) {
		const code = plainCode(typed);
		if (code === null)
			return say("codeForm");
		if (hex(await derive(code, "check", 16)) !== data.check)
			return say("codeWrong");
		const key = await crypto.subtle.importKey("raw", await derive(code, "hmac", 256),
			{ name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
		mac = hex(await crypto.subtle.sign("HMAC", key, new TextEncoder().encode(body)));
	}
	download(data.file + ".json", body + "\"hmac\":\"" + mac + "\"}\n");
	state.dirty = false;
	showProgress();
	tell(say("saved", data.file + ".json"));
	return null;
}

function download(name, content) {
	const url = URL.createObjectURL(new Blob([content], { type: "application/json" }));
	const link = make("a", { href: url, download: name });
	document.body.append(link);
	link.click();
	link.remove();
	setTimeout(() => URL.revokeObjectURL(url), 60000);
}

// ---- Continuing ----

function takeLine(saved) {
	const question = questions.find((q) => q.n === saved.question);
	const target = question && (saved.item === 0 ? question : question.items.find((i) => i.n === saved.item));
	if (!target || question.seen !== saved.seen || !kinds.includes(saved.decision))
		return 0;
	const string = (value) => typeof value === "string" ? value : "";
	target.answer = { decision: saved.decision, reason: string(saved.reason), change: string(saved.change),
		compensation: string(saved.compensation), ends: string(saved.ends), proposal: string(saved.proposal),
		decided: string(saved.decided), seconds: Number(saved.seconds) || 0, bulk: Number(saved.bulk) || 1 };
	return 1;
}

async function resume(file) {
	let saved;
	try {
		saved = JSON.parse(await file.text());
	} catch (error) {
		return tell(say("resumeOther", file.name));
	}
	for (const name of ["campaign", "population", "reviewer"]) // takeLine looks at the rest
		if (saved === null || saved[name] !== data[name])
			return tell(say("resumeOther", harmless(file.name)));
	if (!Array.isArray(saved.decisions) || (state.dirty && !window.confirm(say("resumeLoses"))))
		return;
	for (const q of questions) {
		q.answer = answerNew();
		q.items.forEach((i) => { i.answer = answerNew(); });
	}
	const count = saved.decisions.reduce((sum, s) => sum + takeLine(s), 0);
	state.dirty = false;
	draw();
	tell(say("resumed", count));
}

// ---- Begin ----

async function begin() {
	data.questions.forEach((entry) => questions.push(readQuestion(entry)));
	parts.frame = make("div", { class: "frame" });
	parts.status = make("p", { class: "status", role: "status", "aria-live": "polite" });
	parts.file = make("input", { type: "file", accept: ".json,application/json", class: "unseen", tabindex: "-1",
		"aria-hidden": "true", onchange: async () => {
			if (parts.file.files.length === 1)
				await resume(parts.file.files[0]);
			parts.file.value = "";
		} });
	document.body.append(parts.frame, parts.status, parts.file);
	draw();
	document.addEventListener("keydown", onKey);
	for (const sign of ["keydown", "pointermove", "pointerdown", "wheel", "visibilitychange"])
		document.addEventListener(sign, signOfLife, { passive: true });
	addEventListener("beforeprint", () => draw(true));
	addEventListener("afterprint", () => draw());
	addEventListener("beforeunload", (event) => {
		if (state.dirty) {
			event.preventDefault();
			event.returnValue = "";
		}
	});
	state.altered = Boolean(crypto.subtle) && await isAltered();
	state.checked = true;
	if (state.altered)
		draw();
	document.body.dataset.ready = "yes";
}

begin();
