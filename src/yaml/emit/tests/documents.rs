//! Documents and what upstream prints for them. Recorded.

pub(super) const DOCUMENTS: &[(&str, &str)] = &[
    ("b: 1\na: 2\n", "a: 2\nb: 1\n"),
    (
        "a:\n- 1\n- - 2\n  - 3\n- b: 4\n  c:\n  - 5\n- []\n- {}\n- - {}\n",
        "a:\n- 1\n- - 2\n  - 3\n- b: 4\n  c:\n  - 5\n- []\n- {}\n- - {}\n",
    ),
    ("a: {}\nb: []\nc: {d: {}}\n", "a: {}\nb: []\nc:\n  d: {}\n"),
    (
        "a10: 1\na2: 1\na1: 1\nA: 1\n_a: 1\nb-1: 1\nb.1: 1\nb1: 1\n10a: 1\n9: 1\n\"09\": 1\n/x: 1\né: 1\nz: 1\n\"\": 1\na: 1\na01: 1\na02b: 1\na2b: 1\n",
        "\"\": 1\n/x: 1\n_a: 1\n\"9\": 1\n\"09\": 1\n10a: 1\nA: 1\na: 1\na1: 1\na01: 1\na2: 1\na2b: 1\na02b: 1\na10: 1\nb-1: 1\nb.1: 1\nb1: 1\nz: 1\né: 1\n",
    ),
    (
        "n: [0, -0, 0644, 0o17, 0x1F, 0b101, 1_000, +5, 08, 18446744073709551615, 18446744073709551616, -9223372036854775809]\n",
        "\"n\":\n- 0\n- 0\n- 420\n- 15\n- 31\n- 5\n- 1000\n- 5\n- 8\n- 18446744073709551615\n- 1.8446744073709552e+19\n- -9.223372036854776e+18\n",
    ),
    (
        "f: [1.0, 1.50, 1e3, 1e6, 1234567.5, 123456.75, 0.0001, 0.00001, 1.5e-7, 1e20, 1e21, 1e22, -0.0, 1e-400, 5e-324, 1.7976931348623157e308]\n",
        "f:\n- 1\n- 1.5\n- 1000\n- 1000000\n- 1.2345675e+06\n- 123456.75\n- 0.0001\n- 1e-05\n- 1.5e-07\n- 1e+20\n- 1e+21\n- 1e+22\n- 0\n- 0\n- 5e-324\n- 1.7976931348623157e+308\n",
    ),
    (
        "b: [true, True, FALSE, yes, No, on, y, ~, null, Null]\nn:\n",
        "b:\n- true\n- true\n- false\n- \"yes\"\n- \"No\"\n- \"on\"\n- \"y\"\n- null\n- null\n- null\n\"n\": null\n",
    ),
    (
        "t: [2001-12-14, 2001-1-2, 2000-02-29]\nu: 2001-01-01T1:2:3.50Z\nv: 2001-01-01 10:00:00\nw: 2001-01-01T10:00:00-01:30\n",
        "t:\n- \"2001-12-14T00:00:00Z\"\n- \"2001-01-02T00:00:00Z\"\n- \"2000-02-29T00:00:00Z\"\nu: \"2001-01-01T01:02:03.5Z\"\nv: \"2001-01-01T10:00:00Z\"\nw: \"2001-01-01T10:00:00-01:30\"\n",
    ),
    (
        "a: !!str 3\nb: !!int \"3\"\nc: !!float 3\nd: !!bool \"true\"\ne: !!binary aGVsbG8=\nf: !!binary \"//4=\"\ng: !local 3\nh: !!timestamp \"2001-01-01\"\ni: !!null \"\"\nj: !x {k: 1}\n",
        "a: \"3\"\nb: 3\nc: 3\nd: true\ne: hello\nf: \u{fffd}\u{fffd}\ng: \"3\"\nh: \"2001-01-01T00:00:00Z\"\ni: null\nj:\n  k: 1\n",
    ),
    ("1: a\ntrue: b\n0x10: c\n~: dropped\n", "\"0x10\": c\n\"1\": a\n\"true\": b\n"),
    (
        "a: [{b: , c: ~}, d, 2001-01-01T10:00:00Z, !!null ]\n",
        "a:\n- b: \"\"\n  c: null\n- d\n- \"2001-01-01T10:00:00Z\"\n- null\n",
    ),
    ("a: {? : x}\n", "a:\n  \"\": x\n"),
    (
        "a: >\n  x\n  y\n\n   z\n  w\n\nb: >-\n  x\n   y\n\n   z\nc: >+\n  x\n\n\nd: >\n\n  x\n  y\ne: >\n  x\n  \ty\n  z\nf: >2\n   x\n  y\n  z\n\n  w\n",
        "a: |\n  x y\n\n\n   z\n  w\nb: |-\n  x\n\n   y\n\n   z\nc: |+\n  x\n\n\n\nd: |2\n\n  x y\ne: \"x\\n\\n\\ty\\nz\\n\"\nf: |2\n   x\n  y z w\n",
    ),
    (
        "a: |\n  x\n   y\n\n  z\n\nb: |+\n  x\n\nc: |-\n  x\nd: |2\n   x\ne: |+\n\n\nf:\n- |\n  x\n- |2-\n    x\n- - |\n   x\n",
        "a: |\n  x\n   y\n\n  z\nb: |+\n  x\n\nc: x\nd: |2\n   x\ne: |2+\n\n\nf:\n- |\n  x\n- '  x'\n- - |\n    x\n",
    ),
    (
        "? kkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkk\n: v\n? kkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkk\n: a: 1\n  b: [1, {c: 2}]\n? kkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkk\n: - 1\n  - 2\n? kkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkk\n: |\n  x\n? kkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkk\n: {}\n",
        "kkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkk: {}\n? kkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkk\n: v\n? kkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkk\n: a: 1\n  b:\n  - 1\n  - c: 2\n? kkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkk\n: - 1\n  - 2\n? kkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkk\n: |\n  x\n",
    ),
    (
        "? |\n  a\n  b\n: 1\n? \"a\\u2028b\"\n: 2\n? \"y\"\n: 3\n? \"a b: c\"\n: 4\n",
        "? |\n  a\n  b\n: 1\n'a b: c': 4\n? 'a\u{2028}  b'\n: 2\n\"y\": 3\n",
    ),
    (
        "a:\n  b:\n    c:\n      d:\n        e:\n        - f:\n            g: word word word word word word word word word word word word word word word word word word word word word word word word word word word word word word end\n            h: \"\\tword  word  word  word  word  word  word  word  word  word  word  word  word  word  word  word  word  word  word  word  word  word  word  word  word  word  word  word  word  word  end\"\n            i: 'a: word word word word word word word word word word word word word word word word word word word word word word word word word word word word word word end'\n",
        "a:\n  b:\n    c:\n      d:\n        e:\n        - f:\n            g: word word word word word word word word word word word word word word\n              word word word word word word word word word word word word word word\n              word word end\n            h: \"\\tword  word  word  word  word  word  word  word  word  word  word\n              \\ word  word  word  word  word  word  word  word  word  word  word  word\n              \\ word  word  word  word  word  word  word  end\"\n            i: 'a: word word word word word word word word word word word word word\n              word word word word word word word word word word word word word word\n              word word word end'\n",
    ),
    ("a: # c\n  b: 1 # d\n  # e\n# f\n\n# g\nb:\n# h\n- 1\n# i\n- 2\n", "a:\n  b: 1\nb:\n- 1\n- 2\n"),
    ("s: \"a\\Nb\"\nt: \" \\N \\N x\"\nu: \"\\Na\"\nv: \"a\\N\"\n", "s: a b\nt: |2-\n\n  x\nu: ' a'\nv: 'a '\n"),
];
