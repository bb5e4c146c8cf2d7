# reeve-rules(7) out of its frame, the rules' headers and the table of numbers.
# usage: awk -f reeve-rules.awk reeve-rules.7.in controls.xml RULE...
function roff(text) {
	gsub(/\\/, "\\e", text)
	return text
}
# Lines of less than 80 bytes, a new one for each sentence, and none that
# begins like a request.
function say(text,    words, count, i, line, out) {
	count = split(roff(text), words, / +/)
	for (i = 1; i <= count; i++) {
		if (line != "" && (length(line) + length(words[i]) > 77 ||
		    line ~ /[.]$/)) {
			out = out line "\n"
			line = ""
		}
		if (line == "" && words[i] ~ /^[.']/)
			words[i] = "\\&" words[i]
		line = line (line == "" ? "" : " ") words[i]
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
function finish_rule() {
	if (head["id"] == "")
		return
	rules = rules ".Ss " roff(head["id"] " " head["title"]) "\n"
	rules = rules say(head["why"])
	rules = rules ".Bl -tag -width Ds -compact\n"
	rules = rules ".It severity\n" say(head["severity"])
	rules = rules ".It zh_TW\n" say(head["title.zh_TW"])
	rules = rules ".It told as\n" say(head["text"])
	if (head["thresholds"] != "")
		rules = rules ".It thresholds\n" say(head["thresholds"])
	rules = rules ".It controls\n" say(head["controls"]) ".El\n"
	split("", head)
}
FNR == 1 {
	file++
	if (file > 3)
		finish_rule()
	in_head = 1
}
file == 1 {
	frame[++lines] = $0
	next
}
file == 2 && /<profile id=/ {
	profiles = profiles ".It Ic " attribute($0, "id") "\n" \
	    say(attribute($0, "name") " (" attribute($0, "force") ").")
}
file == 2 && /<threshold / {
	thresholds = thresholds ".It Ic " attribute($0, "name") "\n" \
	    say(attribute($0, "note") " (" attribute($0, "unit") ").")
}
file == 2 && /<value / {
	match($0, />[^<]*</)
	thresholds = thresholds attribute($0, "profile") ": " \
	    substr($0, RSTART + 1, RLENGTH - 2) ".\n"
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
