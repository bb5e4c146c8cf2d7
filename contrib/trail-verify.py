#!/usr/bin/env python3
"""Verifies a trail of Reeve from a copy of its directory and public keys alone.

    trail-verify.py [--key VKEY] [--checkpoint FILE]... DIRECTORY
    trail-verify.py --proofs [--key VKEY] DIRECTORY
    trail-verify.py --host [--key VKEY] DIRECTORY

The second form verifies one session's records with their proofs, as a pack of
evidence has them: VKEY is then the key that signed the checkpoint. The third
verifies what a pack has of a host, trail/HOST: that the keys which signed its
sessions' checkpoints were certified from the first one on, which is VKEY, and
that its trees are beginnings of one another.
Written apart from reevectl, from trail(5), RFC 6962, RFC 8032 and C2SP's
signed-note and tlog-checkpoint; Python's standard library only. Exit status:
0 it verifies, 1 with an origin nobody certified, 2 usage, 3 altered, 4 incomplete.
"""
import argparse, base64, datetime, hashlib, json, os, re, sys

P = 2**255 - 19
L = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P
NUMBER, UUID = r"(?:0|[1-9][0-9]*)", r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
HEAD = re.compile((r'\{"v":1,"seq":%s,"prev":"[0-9a-f]{64}","host":"%s","boot":"%s",'
                   r'"t":"(\d{4}(?:-\d\d){2}T\d\d:\d\d:\d\d\.\d{6})Z","mono":-?%s,"clk":"(?:un)?sync",'
                   r'"type":"[a-z0-9_-]{1,24}"[,}]' % (NUMBER, UUID, UUID, NUMBER)).encode())
STRING = re.compile(rb'"(?:[^"\\\x00-\x1f\x7f]|\\["\\]|\\u(?!0000|d[89a-f])[0-9a-f]{4})*"')
OWN, ELSEWHERE = "the host's own checkpoint", "a checkpoint held elsewhere"


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
        q, p, n = add(q, p) if n & 1 else q, add(p, p), n >> 1
    return q


def decompress(data):
    y = int.from_bytes(data, "little")
    sign, y = y >> 255, y & (2**255 - 1)
    x2 = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(x2, (P + 3) // 8, P)
    x = x if x * x % P == x2 else x * pow(2, (P - 1) // 4, P) % P
    x = P - x if x & 1 != sign else x
    return (x, y, 1, x * y % P) if x * x % P == x2 else None


BASE = decompress((4 * pow(5, P - 2, P) % P).to_bytes(32, "little"))


def signed(key, text, signature):
    a, s = decompress(key), int.from_bytes(signature[32:], "little")
    if a is None or len(signature) != 64 or s >= L:
        return False
    h = int.from_bytes(hashlib.sha512(signature[:32] + key + text).digest(), "little") % L
    x, y, z, _ = add(multiply(s, BASE), multiply(h, (P - a[0], a[1], 1, P - a[3])))
    x, y = x * pow(z, P - 2, P) % P, y * pow(z, P - 2, P) % P
    return (y | (x & 1) << 255).to_bytes(32, "little") == signature[:32]


def b64(text):
    return base64.b64decode(text, validate=True)


def canonical(text):
    """One spelling: the spare bits of the last digit are zero."""
    if base64.b64encode(b64(text)).decode() != text:
        raise ValueError("not base64")
    return b64(text)


def key_id(name, key):
    return sha256(name.encode() + b"\n\1" + key)[:4]


def parse_vkey(text):
    name, identity, raw = text.split("+", 2)
    key = canonical(raw)
    if not name or len(key) != 33 or key[0] != 1 or key_id(name, key[1:]).hex() != identity.lower():
        raise ValueError("not a verifier key")
    return name, key[1:]


def parse_notes(path, whose):
    """Signed checkpoints, one behind the other, or as syslog has them."""
    with open(path, encoding="utf-8") as file:
        text = file.read()
    logged = re.findall("trail checkpoint: (.*)", text)
    text = "".join(line.replace("|", "\n") for line in logged) or text
    notes, at = [], 0
    while at < len(text):
        note = re.compile("\n*((?:[^\n]+\n){3,})\n((?:\u2014 [^ \n]+ [^ \n]+\n)+)\n*").match(text, at)
        if not note or re.search("[\x00-\x09\x0b-\x1f]", note[0]) or len(note[0].encode()) > 65536:
            raise ValueError(f"{path}: not a signed checkpoint")
        origin, size, root = note[1].split("\n")[:3]
        if not re.fullmatch(NUMBER, size) or len(b64(root)) != 32 or len(origin.encode()) > 200:
            raise ValueError(f"{path}: not a checkpoint")
        lines = [line.split(" ") for line in note[2].splitlines()]
        signatures = [(name, canonical(s)) for _, name, s in lines]
        notes.append((int(size), whose, origin, canonical(root), note[1].encode(), signatures))
        at = note.end()
    if not notes:
        raise ValueError(f"{path}: no checkpoint in it")
    return notes


def parse_record(line):
    """The record, or None if the bytes are none; there is one spelling of each."""
    def pairs(items):
        if len(dict(items)) != len(items) or len(items) > 73:
            raise ValueError("a name stands twice")
        return dict(items)
    head = HEAD.match(line)
    bare = STRING.sub(b'""', line)
    if not head or len(line) > 65535 or not re.fullmatch(rb'\{"":(?:1|""|-?\d+|,"":)+\}', bare):
        return None
    try:
        time = datetime.datetime.fromisoformat(head[1].decode())
        record = json.loads(line.decode("utf-8"), object_pairs_hook=pairs)
    except ValueError:
        return None
    fits = all(re.fullmatch("[a-z0-9_-]{1,32}", k) and
               (type(v) is str or (type(v) is int and -2**63 <= v < 2**63)) for k, v in record.items())
    return record if fits and 1678 <= time.year <= 2261 else None


class Verifier:
    def __init__(self, directory, first_key, notes):
        self.directory, self.first_key, self.notes = directory, first_key, sorted(notes)
        self.size, self.nodes, self.prev = 0, [], bytes(32)  # RFC 6962's complete subtrees
        self.epoch, self.key, self.named, self.certified = 0, None, {}, []
        self.uncertified = self.pruned = self.through = 0
        files = (re.fullmatch(r"segment-(\d{8})\.(?:jsonl|pruned)", n) for n in os.listdir(directory))
        self.last = max((int(f[1]) for f in files if f), default=0)

    def subtree(self, level, node):
        """The hash over the 2^level records that come next; of level 0 a leaf's."""
        size = self.size + (1 << level)
        if self.size % (1 << level):
            raise Altered(f"no subtree of level {level} begins at record {self.size}")
        while self.size >> level & 1:
            node, level = sha256(b"\1" + self.nodes.pop() + node), level + 1
        self.nodes.append(node)
        if any(self.size < note[0] < size for note in self.notes):
            raise Incomplete(f"a checkpoint between {self.size} and {size} can't be compared")
        self.size = size
        self.compare()

    def leaf(self, leaf):
        self.subtree(0, leaf)

    def root(self):
        nodes = self.nodes or [sha256(b"")]
        root = nodes[-1]
        for node in reversed(nodes[:-1]):
            root = sha256(b"\1" + node + root)
        return root

    def compare(self):
        for size, whose, _, root, _, _ in self.notes:
            if size == self.size and root != self.root():
                raise Altered(f"a record before {size} was altered: {whose} has another root")

    def keys(self, r):
        """Which key may sign which checkpoint: trail(5), Epochs."""
        kind, seq = r["type"], r["seq"]
        if seq == 1 and not self.key and kind not in ("init", "uncertified"):
            raise Altered("record 1 is not the one of init")
        if kind in ("init", "uncertified", "epoch"):
            try:
                key = parse_vkey(r["vkey"])
            except (KeyError, ValueError):
                key = (None, None)
            ahead = r.get("epoch")
            if key[0] is None or key[0] != r.get("origin") or type(ahead) is not int:
                raise Altered(f"record {seq} does not name a key of its origin")
            ahead -= self.epoch if kind == "epoch" else 0
            if kind == "epoch":
                if not self.key or key[0] != self.key[0] or not (ahead == 1 or (
                        ahead == 2 and self.named.get(self.epoch + 1) in self.certified)):
                    raise Altered(f"record {seq} is not of the next epoch")
                self.named[r["epoch"]] = key
                return
            if ahead != 1 or (kind == "init" and (seq != 1 or self.key)):
                raise Altered(f"record {seq} may not begin an origin")
            if not self.certified and self.first_key not in (None, key):
                raise Altered("the first key is not the one given")
            self.uncertified += kind == "uncertified"
            self.epoch, self.key, self.named = 1, key, {}
            self.certified.append(key)
        elif kind == "checkpoint":
            if r.get("size") != seq or r.get("root") != self.root().hex():
                raise Altered(f"a record before {seq} was altered: the checkpoint has another root")
            text = f"{r.get('origin')}\n{seq}\n{base64.b64encode(self.root()).decode()}\n".encode()
            try:
                signature = canonical(r["signature"])
            except (KeyError, ValueError):
                raise Altered(f"record {seq} is no checkpoint")
            following = self.named.get(self.epoch + 1)
            if following in self.certified and signed(following[1], text, signature):
                self.epoch, self.key = self.epoch + 1, following
            elif r["origin"] != self.key[0] or not signed(self.key[1], text, signature):
                raise Altered(f"record {seq} is not signed by the key of its epoch")
            following = self.named.get(self.epoch + 1)
            if following and following not in self.certified:
                self.certified.append(following)

    def load(self, number):
        for suffix in ("jsonl", "pruned"):
            path = os.path.join(self.directory, f"segment-{number:08}.{suffix}")
            if os.path.exists(path):
                with open(path, "rb") as file:
                    return file.read(), suffix == "pruned"
        raise Incomplete(f"segment {number} is missing: records from {self.size} on")

    def mended(self, data, at):
        """Where the repair of the torn bytes at `at` begins, or None."""
        begin = data.find(b"\n", at) + 1
        while self.prev and begin:
            end = data.find(b"\n", begin)
            r = parse_record(data[begin:end]) if end != -1 else None
            if r and r["type"] == "repair" and r["seq"] == self.size and r["prev"] == self.prev.hex():
                length = r.get("torn_length", 0)
                torn = data[at:at + length] if length > 0 else b""
                gap = begin - at - len(torn)
                if torn and (gap == 0 or (gap == 1 and torn[-1:] != b"\n")) and \
                        sha256(torn).hex() == r.get("torn_sha256"):
                    return begin
            begin = data.find(b"\n", begin) + 1
        return None

    def wrong(self, data, at, r):
        later = [s for s in map(parse_record, data[at:].split(b"\n")[1:-1]) if s]
        if r and r["seq"] == self.size:
            raise Altered(f"record {max(self.size - 1, 0)} was altered")
        if r and (r["seq"] < self.size or any(s["seq"] == self.size for s in later)):
            raise Altered(f"record {self.size} is not in its place")
        if not r and later:
            raise Altered(f"record {self.size} was altered")
        raise Incomplete(f"record {self.size} is {'missing' if r else 'cut off'}")

    def segment(self, number):
        data, pruned = self.load(number)
        if number < self.last:
            following = parse_record(self.load(number + 1)[0].split(b"\n", 1)[0]) or {}
            if not pruned and following.get("poisoned") == number and following.get("kept", -1) >= 0:
                data = data[:following["kept"]]
            if not data:
                raise Incomplete(f"record {self.size} is missing")
        self.pruned += pruned
        at, first = 0, True
        while at < len(data):
            end = data.find(b"\n", at)
            line = data[at:end] if end != -1 else b""
            if pruned and not first and re.fullmatch(b"[0-9a-fA-F]{64}", line):
                self.prev, at = None, end + 1
                self.leaf(bytes.fromhex(line.decode()))
                continue
            r = parse_record(line)
            if not r or r["seq"] != self.size or (self.prev and r["prev"] != self.prev.hex()):
                begin = None if pruned else self.mended(data, at)
                if begin is None:
                    self.wrong(data, at, r)
                at = begin
                continue
            if first and (r["type"] != "segment" or r.get("segment") != number):
                raise Altered(f"record {self.size} does not begin segment {number}")
            if r["type"] == "prune":
                self.through = r.get("through", self.through)
            self.keys(r)
            first, self.prev, at = False, sha256(line), end + 1
            self.leaf(sha256(b"\0" + line))

    def run(self):
        self.compare()
        if not self.last:
            raise Incomplete("no segment")
        for number in range(1, self.last + 1):
            self.segment(number)
        if self.notes and self.notes[-1][0] > self.size:
            raise Incomplete(f"record {self.size} is cut off: {self.notes[-1][1]} covers it")
        if self.pruned > self.through:
            raise Incomplete(f"segment {self.through + 1} was pruned, and no record says so")
        self.signatures()

    def outline(self, path):
        """Records of keys and, for the others, subtrees (reeve-evidence(5)): the tree of the last note."""
        self.compare()
        with open(path, "rb") as file:
            *lines, rest = file.read().split(b"\n")
        if rest:
            raise Incomplete("it is cut off")
        for line in lines:
            subtree = re.fullmatch(b"(0|[1-9][0-9]?) ([0-9a-f]{64})", line)
            if subtree and int(subtree[1]) < 62:
                self.subtree(int(subtree[1]), bytes.fromhex(subtree[2].decode()))
                continue
            r = parse_record(line)
            if not r or r["seq"] != self.size:
                raise Altered(f"what stands for record {self.size} is not it")
            self.keys(r)
            self.leaf(sha256(b"\0" + line))
        if self.size != self.notes[-1][0]:
            raise Incomplete(f"it has {self.size} records, and not {self.notes[-1][0]}")
        self.signatures()

    def signatures(self):
        for _, whose, origin, _, body, signatures in self.notes:
            if origin not in [name for name, _ in self.certified]:
                raise Altered(f"{whose} is of another origin")
            ours = [(key, s[4:]) for name, key in self.certified for n, s in signatures
                    if n == name and s[:4] == key_id(name, key)]
            if not all(signed(key, body, s) for key, s in ours) or (whose == OWN and not ours):
                raise Altered(f"{whose} is not signed by a key of this trail")


def parse_proof(path):
    """C2SP tlog-proof: the leaf's index, its audit path, and the checkpoint as it stands."""
    with open(path, encoding="utf-8") as file:
        head, _, note = file.read().partition("\n\n")
    lines = head.split("\n")
    if lines[:1] != ["c2sp.org/tlog-proof@v1"] or not re.fullmatch("index " + NUMBER, lines[1] if lines[1:] else ""):
        raise ValueError(f"{path}: not a proof")
    hashes = [canonical(line) for line in lines[2:]]
    if any(len(h) != 32 for h in hashes) or len(hashes) > 63:
        raise ValueError(f"{path}: not a proof")
    return int(lines[1][6:]), hashes, note


def included(index, size, leaf, hashes):
    """The root that the path leads to (RFC 9162 section 2.1.3.2), or None."""
    node, last, root = index, size - 1, leaf
    if index >= size:
        return None
    for sibling in hashes:
        if last == 0:
            return None
        if node & 1 or node == last:
            root = sha256(b"\1" + sibling + root)
            while not node & 1 and node:
                node, last = node >> 1, last >> 1
        else:
            root = sha256(b"\1" + root + sibling)
        node, last = node >> 1, last >> 1
    return root if last == 0 else None


def verify_proofs(directory, key):
    """Each record is a leaf of the tree that the checkpoint signs; returns how many."""
    path = os.path.join(directory, "checkpoint")
    notes = parse_notes(path, OWN)
    with open(path, encoding="utf-8") as file:
        note = file.read()
    if len(notes) != 1:
        raise Altered("checkpoint: not one signed checkpoint")
    size, _, _, root, body, signatures = notes[0]
    if key and not any(name == key[0] and s[:4] == key_id(*key) and signed(key[1], body, s[4:])
                       for name, s in signatures):
        raise Altered("the checkpoint is not signed by that key")
    with open(os.path.join(directory, "records.jsonl"), "rb") as file:
        lines = file.read().split(b"\n")
    if lines.pop() or not lines:
        raise Incomplete("a record is cut off" if lines else "no record")
    before = -1
    for line in lines:
        r = parse_record(line)
        if not r or r["seq"] <= before:
            raise Altered(f"the record behind {before} was altered or moved")
        before = r["seq"]
        try:
            index, hashes, own = parse_proof(os.path.join(directory, f"{before}.tlog-proof"))
        except FileNotFoundError:
            raise Incomplete(f"the proof of record {before} is missing")
        if index != before or own != note:
            raise Altered(f"{before}.tlog-proof is of something else")
        if included(index, size, sha256(b"\0" + line), hashes) != root:
            raise Altered(f"record {before} was altered")
    extra = {n for n in os.listdir(directory) if n.endswith(".tlog-proof")}
    if len(extra) != len(lines):
        raise Incomplete("there is a proof without its record")
    return len(lines)


def parse_pinned(path):
    """A checkpoint's text without a signature: origin, size, root."""
    with open(path, encoding="utf-8") as file:
        origin, size, root, rest = file.read().split("\n")
    if rest or not re.fullmatch(NUMBER, size):
        raise ValueError(f"{path}: not a checkpoint")
    return int(size), "the checkpoint that was kept", origin, canonical(root), None, []


def verify_host(directory, key):
    """Each checkpoint's key leads to the first one; returns how many, and the last Verifier."""
    notes = [parse_pinned(os.path.join(directory, "pinned"))]
    for name in sorted(os.listdir(directory)):
        if os.path.isdir(os.path.join(directory, name)):
            notes += parse_notes(os.path.join(directory, name, "checkpoint"), OWN)
    verifier = None
    for size in sorted({note[0] for note in notes[1:]}):
        if notes[0][0] > size:
            raise Altered(f"the checkpoint of {size} records is older than the one that was kept")
        verifier = Verifier(directory, key, [note for note in notes if note[0] <= size])
        verifier.outline(os.path.join(directory, f"outline-{size}"))
    if not verifier:
        raise Incomplete("no session is there")
    if notes[0][2] != verifier.certified[0][0]:
        raise Altered("the checkpoint that was kept is of another origin")
    return len(notes) - 1, verifier


def say_host(directory, key):
    count, verifier = verify_host(directory, key)
    name, raw = verifier.certified[0]
    vkey = f"{name}+{key_id(name, raw).hex()}+{base64.b64encode(bytes([1]) + raw).decode()}"
    print(f"checkpoints: {count}, each by a key certified from this one on"
          f"{'' if key else ', which is to be compared with what its init printed'}:\n{vkey}")
    if verifier.uncertified:
        print("an origin began that nobody certified: a clone, a restore, or a lost key")
    return 1 if verifier.uncertified else 0


def say_proofs(directory, key):
    records = verify_proofs(directory, key)
    print(f"records: {records}, each under the checkpoint" +
          ("" if key else ", whose signature was not checked: give --key"))
    return 0


def main_pack(say, directory, key):
    try:
        return say(directory, key)
    except (Altered, Incomplete) as error:
        print(f"{type(error).__name__.upper()}: {error}")
        return error.status
    except FileNotFoundError as error:
        print(f"INCOMPLETE: {error}")
        return 4
    except (OSError, ValueError) as error:
        print(f"ALTERED: {error}")
        return 3


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--proofs", action="store_true")
    parser.add_argument("--host", action="store_true")
    parser.add_argument("--key")
    parser.add_argument("--checkpoint", action="append", default=[])
    parser.add_argument("directory")
    args = parser.parse_args()
    try:
        key = parse_vkey(args.key) if args.key else None
        notes = [note for path in args.checkpoint for note in parse_notes(path, ELSEWHERE)]
    except (OSError, ValueError) as error:
        print(error, file=sys.stderr)
        return 2
    if args.proofs or args.host:
        return main_pack(say_proofs if args.proofs else say_host, args.directory, key)
    held, wrong = max((note[0] for note in notes), default=0), None
    try:
        notes += parse_notes(os.path.join(args.directory, "checkpoint"), OWN)
    except FileNotFoundError:
        wrong = Incomplete("the latest checkpoint is missing")
    except ValueError:
        wrong = Altered("checkpoint: not a signed checkpoint")
    verifier = Verifier(args.directory, key, notes)
    try:
        verifier.run()
        if wrong:
            raise wrong
    except (Altered, Incomplete) as error:
        print(f"{type(error).__name__.upper()}: {error}")
        return error.status
    print(f"records: {verifier.size}\nnot provable without a checkpoint held elsewhere: "
          f"that records from {held} on are all, and the ones first written")
    return 1 if verifier.uncertified else 0


if __name__ == "__main__":
    try:
        status = main()
    except Exception as error:  # by itself it would be 1, which says that it verifies
        print(f"ALTERED: it can't be read: {error!r}")
        status = 3
    sys.exit(status)
