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

/// [`distance`], where two neighbours that changed places are one edit.
pub fn slip(a: &str, b: &str) -> usize {
    let plain = distance(a, b);
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    if plain < 2 || a.len() != b.len() {
        return plain;
    }
    let (mut edits, mut at) = (0, 0);
    while let (Some(x), Some(y)) = (a.get(at), b.get(at)) {
        let swapped = x != y && a.get(at + 1) == Some(y) && b.get(at + 1) == Some(x);
        edits += usize::from(x != y);
        at += if swapped { 2 } else { 1 };
    }
    plain.min(edits)
}

/// A word without the differences that people overlook: case, and `_` for `-`.
pub fn fold(word: &str) -> String {
    word.to_ascii_lowercase().replace('_', "-")
}

/// [`distance`], if it is not more than two. Cheap where the words are clearly different.
pub fn distance_to_two(a: &str, b: &str) -> Option<usize> {
    const MOST: usize = 2;
    // A character may be four bytes.
    if a.len().abs_diff(b.len()) > 4 * MOST || (characters(a) ^ characters(b)).count_ones() > 2 * MOST as u32 {
        return None;
    }
    Some(distance(a, b)).filter(|distance| *distance <= MOST)
}

/// A bit for each kind of byte in a word, those of two alphabets together.
fn characters(word: &str) -> u64 {
    word.bytes().filter(u8::is_ascii).fold(0, |bits, byte| bits | 1 << (byte % 64))
}

/// The known word nearest to `word`, if at most a third of its characters differ. The word itself is not near.
pub fn nearest<'w>(word: &str, known: impl IntoIterator<Item = &'w str>) -> Option<&'w str> {
    let (distance, found) = known.into_iter().filter(|k| *k != word).map(|k| (slip(word, k), k)).min()?;
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
        assert_eq!(nearest("wbe", ["web"]), Some("web"));
        assert_eq!((slip("hots", "host"), slip("ab", "ba"), slip("abcd", "badc"), slip("abc", "cab")), (1, 1, 2, 2));
        assert_eq!(distance_to_two("api-config", "api-conifg"), Some(2));
        assert_eq!(distance_to_two("übung", "ubungs"), Some(2));
        assert_eq!(distance_to_two("api-config", "web-secret"), None);
        assert_eq!(distance_to_two("aaa", "aaaaaa"), None);
    }
}
