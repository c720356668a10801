#!/usr/bin/env bash
# Builds the book with mdbook and follows every link and anchor in its pages: all that point into the book must lead somewhere.
#
# shellcheck source=tests/edges/common.sh
source "$(dirname "$0")/common.sh"

"$repository/docs/build" >"$scratch/log" 2>&1 || { cat "$scratch/log"; fail 'mdbook'; }
lacks "$scratch/log" 'WARN'
lacks "$scratch/log" 'ERROR'
ok 'mdbook builds it without a warning'

python3 - "$repository" <<'PY' || fail 'links of the book'
import html.parser, pathlib, sys, urllib.parse

root = pathlib.Path(sys.argv[1])
book = root / "target/book"

class Page(html.parser.HTMLParser):
    def __init__(self, file):
        super().__init__()
        self.links, self.anchors = [], set()
        self.feed(file.read_text(encoding="utf-8"))

    def handle_starttag(self, tag, attributes):
        values = dict(attributes)
        self.anchors.update(values[a] for a in ("id", "name") if values.get(a))
        for name in ("href", "src"):
            if values.get(name) is not None:
                self.links.append((self.getpos()[0], values[name]))

pages = {file.resolve(): Page(file) for file in sorted(book.rglob("*.html"))}
rules = {file.stem for file in (root / "rules").glob("*.md")}
made = {file.stem for file in (book / "rules").glob("*.html")}
assert rules == made, f"pages of rules: {sorted(rules ^ made)}"

bad = followed = 0
for file, page in pages.items():
    for line, link in page.links:
        url = urllib.parse.urlsplit(link)
        if url.scheme or url.netloc:
            continue
        path = urllib.parse.unquote(url.path)
        # `404.html` is served for any path: its links are those of the site.
        if path.startswith("/"):
            target = book / path.removeprefix("/manicheck/")
        elif file.name == "404.html":
            target, url = book / path, url._replace(fragment="")
        else:
            target = file.parent / path if path else file
        target = (target / "index.html" if target.is_dir() else target).resolve()
        followed += 1
        if not target.is_file():
            problem = "no such file"
        elif url.fragment and target in pages and urllib.parse.unquote(url.fragment) not in pages[target].anchors:
            problem = "no such anchor"
        else:
            continue
        print(f"{file.relative_to(book.resolve())}:{line}: {link}: {problem}")
        bad += 1
print(f"{followed} links of {len(pages)} pages, {len(rules)} of them rules")
sys.exit(bad > 0)
PY
ok 'every link into the book leads to a page, and every anchor is there'
