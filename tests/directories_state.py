#!/usr/bin/env python3
"""What holds after a full pull and pulls of changes, as lines to compare.

usage: directories_state.py keeps|spells FULL [CHANGES...]

Each file is what tool_review_facts printed. A model of its own of what
review/sink.h says a sink does with it, so that two ways to one state can be
told apart. "keeps": groups follow their members' renames (Active Directory);
"spells": they go on naming what they named.
"""
import sys

STATED = ("how=primary", "how=sid-history", "how=dynamic")


def fields(parts):
    return dict(p.split("=", 1) for p in parts if "=" in p)


class State:
    def __init__(self, keeps):
        self.keeps = keeps
        self.objects = {}  # key: (kind, fields, line)
        self.values = {}  # key: set of lines
        self.edges = set()  # (group key, reference or key, how)
        self.policies = {}

    def resolve(self, reference):
        form, text = reference.split(":", 1)
        if form == "key":
            return text
        if form == "dn":
            return self.dns.get(text.lower(), reference)
        if form == "name":
            return self.names.get(text.lower(), reference)
        if form in ("sid", "gid", "rid"):
            return self.numbers.get(reference, reference)
        return reference

    def index(self):
        self.dns, self.names, self.numbers = {}, {}, {}
        for key, (kind, f, _) in sorted(self.objects.items()):
            if "dn" in f:
                self.dns[f["dn"].lower()] = key
            if kind == "account" and "name" in f:
                self.names[f["name"].lower()] = key
            if "sid" in f:
                self.numbers["sid:" + f["sid"]] = key
                if kind == "group":
                    rid = f["sid"].rsplit("-", 1)[1]
                    self.numbers.setdefault("rid:" + rid, key)
            if kind == "group" and "gid" in f:
                self.numbers["gid:" + f["gid"]] = key

    def drop(self, key):
        self.objects.pop(key, None)
        self.values.pop(key, None)
        self.edges = {e for e in self.edges if e[0] != key and
                      (not self.keeps or e[1] != key)}

    def apply(self, path):
        lines = [line.rstrip("\n").split("\t")
                 for line in open(path, encoding="utf-8")]
        mode = lines[-1][1]
        assert lines[-1][0] == "mode"
        delivered, present, gone, anew = set(), set(), set(), set()
        members = []
        if mode == "full":
            self.__init__(self.keeps)
        for line in lines:
            kind = line[0]
            if kind in ("account", "group"):
                if line[1] not in delivered:
                    self.values.pop(line[1], None)
                delivered.add(line[1])
                self.objects[line[1]] = (kind, fields(line[2:]), line)
            elif kind == "value":
                self.values.setdefault(line[1], set()).add("\t".join(line))
            elif kind == "policy":
                self.policies[line[1]] = "\t".join(line)
            elif kind == "member":
                members.append(line)
            elif kind == "gone":
                gone.add(line[1])
            elif kind == "present":
                present.add(line[1])
            elif kind == "members-anew":
                anew.add(line[1])
            elif kind == "query" and "incomplete" in line:
                sys.exit("incomplete: " + "\t".join(line))
        for key in gone - delivered:
            self.drop(key)
        if mode == "present":
            for key in set(self.objects) - delivered - present:
                self.drop(key)
        accounts = {k for k in delivered if self.objects[k][0] == "account"}
        self.index()
        self.edges = {
            e for e in self.edges
            if e[0] not in anew and
            not (e[2] in STATED and self.resolve_member(e[1]) in accounts)}
        for line in members:
            f = fields(line[1:])
            edge = (self.resolve(f["group"]),
                    self.resolve(f["member"]) if self.keeps or
                    "how=" + f["how"] in STATED else f["member"],
                    "how=" + f["how"])
            if "removed" in line:
                self.edges.discard(edge)
            else:
                self.edges.add(edge)

    def resolve_member(self, member):
        return self.resolve(member) if ":" in member and \
            member.split(":", 1)[0] in ("dn", "name", "sid", "gid", "rid") \
            else member

    def lines(self):
        self.index()
        for _, _, line in self.objects.values():
            yield "\t".join(line)
        for values in self.values.values():
            yield from values
        yield from self.policies.values()
        for group, member, how in self.edges:
            yield "edge\t%s\t%s\t%s" % (
                self.resolve_member(group), self.resolve_member(member), how)


def main():
    state = State(sys.argv[1] == "keeps")
    for path in sys.argv[2:]:
        state.apply(path)
    print("\n".join(sorted(set(state.lines()))))


main()
