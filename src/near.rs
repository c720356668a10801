//! Words that are meant for each other: edit distance and the nearest of several names.

/// Edits (insert, remove, change one character) between two words. Only the first 256 characters count: longer texts are no
/// names.
pub fn distance(a: &str, b: &str) -> usize {
    const LIMIT: usize = 256;
    let b: Vec<char> = b.chars().take(LIMIT).collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, ca) in a.chars().take(LIMIT).enumerate() {
        let mut corner = row[0];
        row[0] = i + 1;
        for (j, cb) in b.iter().enumerate() {
            let replaced = corner + usize::from(ca != *cb);
            corner = row[j + 1];
            row[j + 1] = replaced.min(row[j] + 1).min(corner + 1);
        }
    }
    row[b.len()]
}

/// The known word nearest to `word`, if at most a third of its characters differ. The word itself is not near.
pub fn nearest<'w>(word: &str, known: impl IntoIterator<Item = &'w str>) -> Option<&'w str> {
    let (distance, found) = known.into_iter().filter(|k| *k != word).map(|k| (distance(word, k), k)).min()?;
    let longest = word.chars().count().max(found.chars().count());
    (distance <= longest / 3).then_some(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn near_words() {
        assert_eq!(distance("kitten", "sitting"), 3);
        assert_eq!(distance("", "abc"), 3);
        assert_eq!(nearest("recomended", ["all", "recommended"]), Some("recommended"));
        assert_eq!(nearest("zzz", ["all", "recommended"]), None);
        assert_eq!(nearest("api", ["api", "apis"]), Some("apis"));
    }
}
