#!/usr/bin/env python3
"""Verifies a trail of Reeve from a copy of its directory and public keys alone.

    trail-verify.py [--key VKEY] [--checkpoint FILE]... DIRECTORY

Written apart from reevectl, from trail(5), RFC 6962, RFC 8032 and the C2SP
signed-note and tlog-checkpoint texts; Python's standard library only. Exit
status: 0 it verifies, 1 with a new origin that nobody certified, 2 usage,
3 altered, 4 incomplete.
"""
import argparse, base64, hashlib, json, os, re, sys

P = 2**255 - 19
L = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P
WORD = re.compile(r"[a-z0-9_-]{1,32}\Z")
TIME = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z"
UUID = r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
HEAD = re.compile((r'\{"v":1,"seq":(0|[1-9]\d*),"prev":"[0-9a-f]{64}","host":"%s",'
                   r'"boot":"%s","t":"%s","mono":-?(0|[1-9]\d*),"clk":"(un)?sync",'
                   r'"type":"[a-z0-9_-]{1,24}"[,}]' % (UUID, UUID, TIME)).encode())


class Altered(Exception):
    status = 3


class Incomplete(Exception):
    status = 4


def sha256(data):
    return hashlib.sha256(data).digest()


# RFC 8032 section 5.1, in extended homogeneous coordinates.
def add(p, q):
    a, b = (p[1] - p[0]) * (q[1] - q[0]) % P, (p[1] + p[0]) * (q[1] + q[0]) % P
    c, d = 2 * p[3] * q[3] * D % P, 2 * p[2] * q[2] % P
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % P, g * h % P, f * g % P, e * h % P


def multiply(n, p):
    q = (0, 1, 1, 0)
    while n:
        if n & 1:
            q = add(q, p)
        p, n = add(p, p), n >> 1
    return q


def decompress(data):
    y = int.from_bytes(data, "little")
    sign, y = y >> 255, y & (2**255 - 1)
    x2 = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(x2, (P + 3) // 8, P)
    if (x * x - x2) % P:
        x = x * pow(2, (P - 1) // 4, P) % P
    if (x * x - x2) % P:
        return None
    x = P - x if x & 1 != sign else x
    return x, y, 1, x * y % P


BASE = decompress((4 * pow(5, P - 2, P) % P).to_bytes(32, "little"))


def ed25519_verifies(key, text, signature):
    a, s = decompress(key), int.from_bytes(signature[32:], "little")
    if a is None or s >= L:
        return False
    h = int.from_bytes(hashlib.sha512(signature[:32] + key + text).digest(), "little") % L
    x, y, z, _ = add(multiply(s, BASE), multiply(h, (P - a[0], a[1], 1, P - a[3])))
    inverse = pow(z, P - 2, P)
    x, y = x * inverse % P, y * inverse % P
    return (y | (x & 1) << 255).to_bytes(32, "little") == signature[:32]


def parse_vkey(text):
    name, key_id, key = text.split("+", 2)
    raw = base64.b64decode(key, validate=True)
    if not name or len(raw) != 33 or raw[0] != 1 or \
            sha256(name.encode() + b"\n" + raw)[:4].hex() != key_id.lower():
        raise ValueError("not a verifier key")
    return name, raw[1:]


def parse_notes(text):
    """Signed checkpoints, one behind the other, or '|'-joined in a log."""
    logged = re.findall(r"trail checkpoint: (.*)", text)
    text = "".join(line.replace("|", "\n") for line in logged) or text
    found = []
    for body, signatures in re.findall(r"((?:[^\n]+\n){3,})\n((?:\u2014 [^\n]+\n)+)", text):
        origin, size, root = body.split("\n")[:3]
        lines = [line.split(" ") for line in signatures.splitlines()]
        found.append({"origin": origin, "size": int(size), "body": body.encode(),
                      "root": base64.b64decode(root, validate=True),
                      "signatures": [(n, base64.b64decode(s, validate=True)) for _, n, s in lines]})
    if not found:
        raise ValueError("no checkpoint in it")
    return found


def parse_record(line):
    """The record, or None if the bytes are none."""
    def pairs(items):
        if len({k for k, _ in items}) != len(items) or not all(WORD.match(k) for k, _ in items):
            raise ValueError("a name")
        return dict(items)
    try:
        if len(line) > 65535 or not HEAD.match(line) or b"\x7f" in line:
            return None
        record = json.loads(line.decode("utf-8"), object_pairs_hook=pairs)
    except ValueError:
        return None
    fits = all(type(v) is str or (type(v) is int and -2**63 <= v < 2**63) for v in record.values())
    # One spelling only: no blanks, no escapes but \" \\ and \uXXXX.
    bare = re.sub(rb'"(?:[^"\\]|\\["\\]|\\u[0-9a-f]{4})*"', b'""', line)
    return record if fits and re.fullmatch(rb'\{"":[^ \t]+\}', bare) else None


class Tree:  # RFC 6962 section 2.1, as its complete subtrees
    def __init__(self):
        self.size, self.nodes = 0, []

    def add(self, leaf):
        level = 0
        while self.size >> level & 1:
            leaf, level = sha256(b"\1" + self.nodes.pop() + leaf), level + 1
        self.nodes.append(leaf)
        self.size += 1

    def root(self):
        nodes = self.nodes or [sha256(b"")]
        root = nodes[-1]
        for node in reversed(nodes[:-1]):
            root = sha256(b"\1" + node + root)
        return root


class Keys:  # which key may sign which checkpoint
    def __init__(self, trusted):
        self.trusted, self.epoch, self.now = trusted, 0, None
        self.named, self.certified, self.uncertified = {}, [], 0

    def record(self, r, tree):
        kind, seq = r["type"], r["seq"]
        if kind in ("init", "uncertified", "epoch"):
            try:
                key = parse_vkey(r["vkey"])
                if key[0] != r["origin"]:
                    raise ValueError
            except (KeyError, ValueError):
                raise Altered(f"record {seq} does not name a key of its origin")
        if kind in ("init", "uncertified"):
            first = kind == "uncertified" or (seq == 1 and not self.now)
            if r["epoch"] != 1 or not first:
                raise Altered(f"record {seq} may not begin an origin")
            if kind == "init" and self.trusted and key != self.trusted:
                raise Altered("the first key is not the one given")
            self.uncertified += kind == "uncertified"
            self.epoch, self.now, self.named = 1, key, {}
            self.certified.append(key)
        elif seq == 1 and not self.now:
            raise Altered("record 1 is not the one of init")
        elif kind == "epoch":
            ahead = r["epoch"] - self.epoch
            if key[0] != self.now[0] or not (
                    ahead == 1 or ahead == 2 and self.named.get(self.epoch + 1) in self.certified):
                raise Altered(f"record {seq} is not of the next epoch")
            self.named[r["epoch"]] = key
        elif kind == "checkpoint":
            if r["size"] != seq or r["root"] != tree.root().hex():
                raise Altered(f"a record before {seq} was altered: another root")
            text = f"{r['origin']}\n{r['size']}\n{base64.b64encode(tree.root()).decode()}\n".encode()
            following = self.named.get(self.epoch + 1)
            signature = base64.b64decode(r["signature"], validate=True)
            if r["origin"] != self.now[0]:
                raise Altered(f"checkpoint {seq} is of another origin")
            if following in self.certified and ed25519_verifies(following[1], text, signature):
                self.epoch, self.now = self.epoch + 1, following
            elif not ed25519_verifies(self.now[1], text, signature):
                raise Altered(f"checkpoint {seq} is not signed by the key of its epoch")
            following = self.named.get(self.epoch + 1)
            if following and following not in self.certified:
                self.certified.append(following)


class Trail:
    def __init__(self, directory, key, held):
        self.directory, self.tree, self.keys = directory, Tree(), Keys(key)
        self.held = sorted(held, key=lambda note: note["size"])
        self.prev, self.through, self.stubs, self.covered = bytes(32), 0, 0, 0
        names = os.listdir(directory)
        self.numbers = {int(n[8:16]) for n in names if re.fullmatch(r"segment-\d{8}\.(jsonl|pruned)", n)}

    def load(self, number):
        base = os.path.join(self.directory, f"segment-{number:08}")
        for suffix in ("jsonl", "pruned"):
            if os.path.exists(f"{base}.{suffix}"):
                with open(f"{base}.{suffix}", "rb") as file:
                    return file.read(), suffix == "pruned"
        raise Incomplete(f"segment {number} is missing: records from {self.tree.size} on")

    def compare(self):
        for note in self.held:
            if note["size"] == self.tree.size and note["root"] != self.tree.root():
                raise Altered(f"a record before {note['size']} was altered: "
                              f"{note['whose']} has another root")

    def leaf(self, leaf):
        self.tree.add(leaf)
        self.compare()

    def mended(self, data, at):
        """Where the repair record of the torn bytes at `at` begins, if one does."""
        begin = data.find(b"\n", at) + 1
        while self.prev and 0 < begin < len(data):
            end = data.find(b"\n", begin)
            r = parse_record(data[begin:end]) if end != -1 else None
            if r and r["type"] == "repair" and r["seq"] == self.tree.size and \
                    r["prev"] == self.prev.hex() and type(r.get("torn_length")) is int:
                torn = data[at:at + r["torn_length"]] if r["torn_length"] > 0 else b""
                feed = b"" if torn.endswith(b"\n") else b"\n"
                if torn and at + len(torn + feed) == begin and \
                        sha256(torn).hex() == r.get("torn_sha256"):
                    return begin
                if torn and at + len(torn) == begin and sha256(torn).hex() == r.get("torn_sha256"):
                    return begin
            begin = data.find(b"\n", begin) + 1
        return None

    def wrong(self, data, at, record, number):
        seq = self.tree.size
        later = [r for r in map(parse_record, data[at:].split(b"\n")[1:-1]) if r]
        if record and record["seq"] == seq:
            raise Altered(f"record {max(seq - 1, 0)} was altered")
        if record and (record["seq"] < seq or any(r["seq"] == seq for r in later)):
            raise Altered(f"record {seq} is not in its place")
        if record:
            raise Incomplete(f"record {seq} is missing")
        if later:
            raise Altered(f"record {seq} was altered")
        raise Incomplete(f"record {seq} is cut off (segment {number})")

    def segment(self, number):
        data, pruned = self.load(number)
        if number < max(self.numbers):
            following = parse_record(self.load(number + 1)[0].split(b"\n", 1)[0])
            if following and following.get("poisoned") == number and not pruned and \
                    type(following.get("kept")) is int and following["kept"] >= 0:
                data = data[:following["kept"]]
        if not data and number < max(self.numbers):
            raise Incomplete(f"record {self.tree.size} is missing")
        self.stubs += pruned
        at, first = 0, True
        while at < len(data):
            end = data.find(b"\n", at)
            line = data[at:end] if end != -1 else b""
            if pruned and not first and re.fullmatch(rb"[0-9a-fA-F]{64}", line):
                self.prev = None
                self.leaf(bytes.fromhex(line.decode()))
                at = end + 1
                continue
            r = parse_record(line)
            if not r or r["seq"] != self.tree.size or (self.prev and r["prev"] != self.prev.hex()):
                begin = None if pruned else self.mended(data, at)
                if begin is None:
                    self.wrong(data, at, r, number)
                at = begin
                continue
            if first and (r["type"] != "segment" or r.get("segment") != number):
                raise Altered(f"record {r['seq']} does not begin segment {number}")
            if r["type"] == "prune":
                self.through = r["through"]
            self.keys.record(r, self.tree)
            first, self.prev, at = False, sha256(line), end + 1
            self.leaf(sha256(b"\0" + line))

    def verify(self):
        self.compare()
        if not self.numbers:
            raise Incomplete("no segment")
        for number in range(1, max(self.numbers) + 1):
            self.segment(number)
        if self.held and self.held[-1]["size"] > self.tree.size:
            raise Incomplete(f"record {self.tree.size} is cut off: {self.held[-1]['whose']} covers it")
        if self.stubs > self.through:
            raise Incomplete(f"segment {self.through + 1} was pruned, and no record says so")
        for note in self.held:
            if note["origin"] not in [key[0] for key in self.keys.certified]:
                raise Altered(f"{note['whose']} is of another origin")
            signed = False
            for name, key in self.keys.certified:
                key_id = sha256(name.encode() + b"\n\1" + key)[:4]
                for signer, signature in note["signatures"]:
                    if signer == name and signature[:4] == key_id and len(signature) == 68:
                        signed = True
                        if not ed25519_verifies(key, note["body"], signature[4:]):
                            raise Altered(f"{note['whose']} has a bad signature")
            if not signed and note["whose"] == "the host's own checkpoint":
                raise Altered(f"{note['whose']} is signed by no key of this trail")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--key")
    parser.add_argument("--checkpoint", action="append", default=[])
    parser.add_argument("directory")
    args = parser.parse_args()
    held, own_missing = [], False
    own = os.path.join(args.directory, "checkpoint")
    try:
        key = parse_vkey(args.key) if args.key else None
        for path in args.checkpoint:
            with open(path, encoding="utf-8") as file:
                held += [dict(n, whose="a checkpoint held elsewhere") for n in parse_notes(file.read())]
    except (OSError, ValueError) as error:
        print(error, file=sys.stderr)
        return 2
    try:
        with open(own, encoding="utf-8") as file:
            held += [dict(n, whose="the host's own checkpoint") for n in parse_notes(file.read())]
    except FileNotFoundError:
        own_missing = True
    except ValueError:
        held = None
    try:
        if held is None:
            held, own_bad = [], True
        else:
            own_bad = False
        trail = Trail(args.directory, key, held)
        trail.verify()
        if own_bad:
            raise Altered("checkpoint: not a signed checkpoint")
        if own_missing:
            raise Incomplete("the latest checkpoint is missing")
    except (Altered, Incomplete) as error:
        print(f"{type(error).__name__.upper()}: {error}")
        return error.status
    elsewhere = [n["size"] for n in held if n["whose"] == "a checkpoint held elsewhere"]
    print(f"records: {trail.tree.size}")
    print(f"not provable without a checkpoint held elsewhere: records from {max(elsewhere, default=0)} on")
    return 1 if trail.keys.uncertified else 0


sys.exit(main())
