# Makes the page of a rule for the book: the metadata before the title becomes a line below it and two lists at the end.
fences < 2 && /^---$/ { fences++; next }
fences == 1 && /^[a-z_]+:/ {
  part = $1
  value[part] = substr($0, length($1) + 2)
  gsub(/[][{}]/, "", value[part])
  next
}
fences == 1 && part == "peers:" {
  tool = $1
  ids = substr($0, index($0, "[") + 1)
  sub(/\].*/, "", ids)
  gsub(/, */, "`, `", ids)
  sub(":", "", tool)
  peers = peers "- " tool ": `" ids "`\n"
  next
}
fences == 1 && part == "references:" {
  references = references "- <" $2 ">\n"
  next
}
fences == 2 {
  print
  if (/^# /) {
    profiles = value["profiles:"]
    if (value["always:"]) profiles = "always on"
    else if (profiles !~ /[a-z]/) profiles = "in no profile"
    else profiles = "profiles: " profiles
    print "\n`" value["id:"] "` · " value["category:"] " · " value["severity:"] " · " profiles " · fix: " value["fix:"] " · since " value["since:"]
  }
}
END {
  if (peers) printf "\n## In other tools\n\n%s", peers
  if (references) printf "\n## References\n\n%s", references
}
