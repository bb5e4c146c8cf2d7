#!/usr/bin/env python3
"""Spoils copies of a trail at random and asks both verifiers about each.

    trail_differ.py ROUNDS SEED COPY WORK COMMAND...

COMMAND is ours without the directory. They must agree on the exit status.
"""
import contextlib, importlib.util, io, os, random, shutil, subprocess, sys

sys.dont_write_bytecode = True  # the tree stays as it was
rounds, seed, good, work, command = int(sys.argv[1]), sys.argv[2], sys.argv[3], sys.argv[4], sys.argv[5:]
here = os.path.dirname(os.path.abspath(__file__))
spec = importlib.util.spec_from_file_location("theirs", os.path.join(here, "../contrib/trail-verify.py"))
theirs = importlib.util.module_from_spec(spec)
spec.loader.exec_module(theirs)
chance = random.Random(seed)


def spoil(data):
    lines = data.split(b"\n")
    at, other = chance.randrange(len(data) + 1), chance.randrange(len(data) + 1)
    i, j = chance.randrange(len(lines)), chance.randrange(len(lines))
    how = chance.randrange(11)
    if how == 0 and at < len(data):
        return data[:at] + bytes([data[at] ^ 1 << chance.randrange(8)]) + data[at + 1:]
    if how == 1:
        return data[:at]
    if how == 2:
        return data[:min(at, other)] + data[max(at, other):]
    if how == 3:
        return data[:at] + chance.randbytes(chance.randrange(1, 9)) + data[at:]
    if how == 4:
        lines.insert(i, lines[j])
    if how == 5:
        del lines[i]
    if how == 6:
        lines[i], lines[j] = lines[j], lines[i]
    if how == 7:
        lines[i] = lines[i].replace(b'"seq":', b'"seq":0', 1)
    if how == 8:
        lines[i] = lines[i][:-1] + b',"more":"\\u00e9"}'
    if how == 9:
        lines[i] = lines[i].replace(b"2026-11", b"2026-13", 1)
    if how == 10:
        lines[i] = lines[i].replace(b":", b": ", 1)
    return b"\n".join(lines)


differ = 0
seen = {}
for n in range(rounds):
    shutil.rmtree(work, ignore_errors=True)
    shutil.copytree(good, work)
    for _ in range(chance.choice([1, 1, 1, 2])):
        name = chance.choice(sorted(os.listdir(work)))
        path = os.path.join(work, name)
        with open(path, "rb") as file:
            data = file.read()
        if chance.randrange(20) == 0:
            os.remove(path)
            if not os.listdir(work):
                break
            continue
        with open(path, "wb") as file:
            file.write(spoil(data))
    ours = subprocess.run(command + [work], capture_output=True, text=True)
    sys.argv = ["trail-verify.py", work]
    with contextlib.redirect_stdout(io.StringIO()) as said:
        status = theirs.main()
    seen[status] = seen.get(status, 0) + 1
    if ours.returncode != status:
        differ += 1
        print(f"round {n}: ours {ours.returncode}, contrib {status}: {said.getvalue()} {ours.stderr}")
        shutil.copytree(work, f"{work}.{n}")
print("statuses:", seen)
sys.exit(differ != 0)
