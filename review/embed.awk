# Files as C strings: the table that embedded.h declares.
# usage: awk -f review/embed.awk FILE...
BEGIN {
	print "#include \"review/embedded.h\""
	print ""
	print "const struct embedded embedded_files[] = {"
	for (i = 1; i < ARGC; i++) {
		name = ARGV[i]
		printf "\t{ \"%s\",\n", name
		while ((status = (getline line < name)) > 0) {
			gsub(/\\/, "&&", line) # as "\\\\" is not one thing to all awks
			gsub(/"/, "\\\"", line)
			gsub(/\t/, "\\t", line)
			gsub(/\?/, "\\?", line)
			printf "\t  \"%s\\n\"\n", line
		}
		if (status < 0) {
			print "embed.awk: " name ": can't be read" > "/dev/stderr"
			exit 1
		}
		close(name)
		print "\t  \"\" },"
	}
	print "\t{ 0, 0 },"
	print "};"
}
