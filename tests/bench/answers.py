#!/usr/bin/env python3
"""answers.py SHEETS CODES OUT NOW: worksheets (CSV) as reviewers send them
back: every other one as what the page saves (JSON with its code), the rest as
tables; one answer of 40 revokes."""
import csv, hashlib, hmac, json, pathlib, sys
sheets, codes, out, now = sys.argv[1:]
out = pathlib.Path(out)
out.mkdir(parents=True)


def key_of(code, digest):
    first = hmac.digest(digest, code.replace("-", "").encode(), "sha256")
    return hmac.digest(first, b"reeve-worksheet hmac\1", "sha256")


def answer(n):
    return ("revoke", "not needed any more") if n % 40 == 0 else (
        "keep", "needed for the work")


def table(rows, path):
    for row in rows:
        if row[item] in ("", "0"):
            row[decision], row[decision + 1] = answer(int(row[question]))
    with open(path, "w", encoding="utf-8-sig", newline="") as file:
        csv.writer(file).writerows([head] + rows)


def saved(rows, path, code):
    digest = rows[0][at["worksheet"]].removeprefix("sha256:")
    text = ('{"worksheet":"reeve-worksheet 1","campaign":%s,"reviewer":%s,'
            '"digest":"%s","language":"en","decisions":[\n' % (
                json.dumps(rows[0][at["campaign"]]),
                json.dumps(rows[0][at["reviewer"]]), digest))
    text += ",\n".join(
        '{"question":%s,"seen":"%s","item":0,"decision":"%s","reason":"%s",'
        '"decided":"%s","seconds":9,"bulk":1}' % (
            (row[question], row[at["seen"]].removeprefix("sha256:"))
            + answer(int(row[question])) + (now,))
        for row in rows if row[item] in ("", "0")) + "\n],\n"
    mac = hmac.new(key_of(code, bytes.fromhex(digest)), text.encode(), "sha256")
    path.write_text(text + '"hmac":"%s"}\n' % mac.hexdigest())


with open(codes, encoding="utf-8-sig", newline="") as file:
    rows = csv.DictReader(file)
    code_of = {row["reviewer"]: row["code"] for row in rows}
for n, path in enumerate(sorted(pathlib.Path(sheets).glob("*.csv"))):
    with open(path, encoding="utf-8-sig", newline="") as file:
        head, *rows = csv.reader(file)
    at = {name.split()[0]: place for place, name in enumerate(head)}
    question, item, decision = at["question"], at["item"], at["decision"]
    code = code_of[rows[0][at["reviewer"]]]
    if n % 2:
        table(rows, out / path.name)
    else:
        saved(rows, out / (path.stem + ".json"), code)
