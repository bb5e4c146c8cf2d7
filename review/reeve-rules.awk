# reeve-rules(7) out of its frame, the rules' headers and the table of numbers.
# usage: awk -f reeve-rules.awk reeve-rules.7.in controls.xml RULE...
# A frame of another language says so, and gives its words: "@LANGUAGE zh_TW",
# "@WORD severity=...".
function word(english) {
	return english in words ? words[english] : english
}
function aside(text) {
	return own == "" ? " (" word(text) ")." : "（" word(text) "）。"
}
function roff(text) {
	gsub(/\\/, "\\e", text)
	return text
}
# Lines of less than 80 bytes, a new one for each sentence, and none that
# begins like a request.
function say(text,    part, count, i, line, out) {
	text = roff(text)
	# Chinese has no blanks at which a line could end.
	if (own != "")
		gsub(/，|。|；|：/, "& ", text)
	sub(/ +$/, "", text)
	count = split(text, part, / +/)
	for (i = 1; i <= count; i++) {
		if (line != "" && (length(line) + length(part[i]) > 77 ||
		    line ~ /(\.|，|。|；|：)$/)) {
			out = out line "\n"
			line = ""
		}
		if (line == "" && part[i] ~ /^[.']/)
			part[i] = "\\&" part[i]
		line = line (line == "" ? "" : " ") part[i]
	}
	return out line "\n"
}
function attribute(line, name,    at, rest) {
	at = index(line, " " name "=\"")
	if (at == 0)
		return ""
	rest = substr(line, at + length(name) + 3)
	return substr(rest, 1, index(rest, "\"") - 1)
}
function item(name, text) {
	return ".It " word(name) "\n" say(text)
}
function finish_rule() {
	if (head["id"] == "")
		return
	rules = rules ".Ss " roff(head["id"] " " head["title" own]) "\n"
	rules = rules say(head["why" own])
	rules = rules ".Bl -tag -width Ds -compact\n"
	rules = rules item("severity", word(head["severity"]))
	rules = rules (own == "" ? item("zh_TW", head["title.zh_TW"]) : \
	    item("en", head["title"]))
	rules = rules item("told as", head["text" own])
	if (head["thresholds"] != "")
		rules = rules item("thresholds", head["thresholds"])
	rules = rules item("controls", head["controls"]) ".El\n"
	split("", head)
}
FNR == 1 {
	file++
	if (file > 3)
		finish_rule()
	in_head = 1
}
file == 1 && $1 == "@LANGUAGE" {
	own = "." $2
	zh = "-zh"
	next
}
file == 1 && $1 == "@WORD" {
	sub(/^@WORD /, "")
	split($0, pair, "=")
	words[pair[1]] = pair[2]
	next
}
file == 1 {
	frame[++lines] = $0
	next
}
file == 2 && /<profile id=/ {
	profiles = profiles ".It Ic " attribute($0, "id") "\n" \
	    say(attribute($0, "name" zh) aside(attribute($0, "force")))
}
file == 2 && /<threshold / {
	thresholds = thresholds ".It Ic " attribute($0, "name") "\n"
	note = attribute($0, "note")
	unit = attribute($0, "unit")
}
file == 2 && / note-zh=/ {
	thresholds = thresholds say((own == "" ? note : \
	    attribute($0, "note-zh")) aside(unit))
}
file == 2 && /<value / {
	match($0, />[^<]*</)
	thresholds = thresholds attribute($0, "profile") \
	    (own == "" ? ": " : "：") substr($0, RSTART + 1, RLENGTH - 2) \
	    (own == "" ? "." : "。") "\n"
}
file == 2 { next }
in_head && /^--    / {
	sub(/^--[ \t]*/, "")
	# Chinese has no blanks between words.
	joint = head[key] ~ /[ -~]$/ && $0 ~ /^[ -~]/ ? " " : ""
	head[key] = head[key] joint $0
	next
}
in_head && /^-- [a-zA-Z_.]+:/ {
	key = $2
	sub(/:$/, "", key)
	sub(/^-- [a-zA-Z_.]+:[ \t]*/, "")
	head[key] = $0
	next
}
{ in_head = 0 }
END {
	finish_rule()
	for (i = 1; i <= lines; i++)
		if (frame[i] == "@RULES@")
			printf "%s", rules
		else if (frame[i] == "@THRESHOLDS@")
			printf "%s", thresholds
		else if (frame[i] == "@PROFILES@")
			printf "%s", profiles
		else
			print frame[i]
}
