#!/usr/bin/env bash
# Builds the book with mdbook and follows every link and anchor in its pages: all that point into the book must lead somewhere.
# With LINKS=1 it asks the network for the other links too; without, those are not checked.
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

[ "${LINKS:-}" = 1 ] || { echo 'skip  links to other sites (LINKS=1 asks for them)'; exit 0; }
python3 - "$repository/target/book" "$scratch/links" <<'PY'
import html, pathlib, re, sys

found = {}
for file in sorted(pathlib.Path(sys.argv[1]).rglob("*.html")):
    if file.name != "print.html":
        for link in re.findall(r'href="(https?://[^"#]+)', file.read_text(encoding="utf-8")):
            found.setdefault(html.unescape(link), file.name)
pathlib.Path(sys.argv[2]).write_text("".join(f"{link} {page}\n" for link, page in sorted(found.items())))
PY
# Only an answer of the site is proof that a page is gone; some refuse programs (403, 429), and a network may be missing.
while read -r link page; do
  code=$(curl -sSIL -o "$scratch/head" -w '%{http_code}' --max-time 15 "$link" 2>"$scratch/why") || code=none
  [ "$code" != 405 ] || code=$(curl -sSL -o "$scratch/head" -w '%{http_code}' --max-time 15 "$link" 2>"$scratch/why") || code=none
  echo "$code $page $link"
done <"$scratch/links" >"$scratch/answers"
grep -Ev '^2' "$scratch/answers" || true
answered=$(grep -cE '^[0-9]' "$scratch/answers" || true)
! grep -qE '^(404|410) ' "$scratch/answers" || fail 'links to pages that are gone'
[ "$answered" -gt 0 ] || { echo 'skip  links to other sites: the network does not answer'; exit 0; }
ok "$answered of $(wc -l <"$scratch/links") links to other sites answered, and none is gone"
