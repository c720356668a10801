//! Tokens that say by their form what they are.

use std::ops::Range;
use std::sync::OnceLock;

use aho_corasick::{AhoCorasick, Input, MatchKind};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};

/// A token in a text.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::rules) struct Token {
    /// Whose it is: `GitHub token`.
    pub(in crate::rules) kind: &'static str,
    /// Where it stands, in bytes.
    pub(in crate::rules) range: Range<usize>,
}

/// The characters behind the prefix of a token.
#[derive(Clone, Copy)]
enum Alphabet {
    Alphanumeric,
    Upper,
    Hex,
    /// Letters, digits, `-`, `_`.
    Url,
    /// Those, `.` and `=`.
    Dotted,
    /// Those of base64.
    Base64,
}

impl Alphabet {
    fn has(self, byte: u8) -> bool {
        match self {
            Alphabet::Alphanumeric => byte.is_ascii_alphanumeric(),
            Alphabet::Upper => byte.is_ascii_uppercase() || byte.is_ascii_digit(),
            Alphabet::Hex => byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte),
            Alphabet::Url => byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'),
            Alphabet::Dotted => Alphabet::Url.has(byte) || matches!(byte, b'.' | b'='),
            Alphabet::Base64 => byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'='),
        }
    }
}

/// How a token is made: kind, prefix, what follows, the least and most characters of it.
type Form = (&'static str, &'static str, Alphabet, usize, usize);

const ANY: usize = 4096;

#[rustfmt::skip]
const FORMS: &[Form] = &[
    ("AWS access key", "AKIA", Alphabet::Upper, 16, 16),
    ("AWS access key", "ASIA", Alphabet::Upper, 16, 16),
    ("GitHub token", "ghp_", Alphabet::Alphanumeric, 36, 36),
    ("GitHub token", "gho_", Alphabet::Alphanumeric, 36, 36),
    ("GitHub token", "ghu_", Alphabet::Alphanumeric, 36, 36),
    ("GitHub token", "ghs_", Alphabet::Alphanumeric, 36, 36),
    ("GitHub token", "ghr_", Alphabet::Alphanumeric, 36, 76),
    ("GitHub token", "github_pat_", Alphabet::Url, 40, ANY),
    ("GitLab token", "glpat-", Alphabet::Dotted, 20, ANY),
    ("Slack token", "xoxa-", Alphabet::Url, 20, ANY),
    ("Slack token", "xoxb-", Alphabet::Url, 20, ANY),
    ("Slack token", "xoxe-", Alphabet::Url, 20, ANY),
    ("Slack token", "xoxo-", Alphabet::Url, 20, ANY),
    ("Slack token", "xoxp-", Alphabet::Url, 20, ANY),
    ("Slack token", "xoxr-", Alphabet::Url, 20, ANY),
    ("Slack token", "xoxs-", Alphabet::Url, 20, ANY),
    ("Slack webhook", "hooks.slack.com/services/", Alphabet::Base64, 30, ANY),
    ("Stripe key", "sk_live_", Alphabet::Alphanumeric, 20, ANY),
    ("Stripe key", "rk_live_", Alphabet::Alphanumeric, 20, ANY),
    ("Google API key", "AIza", Alphabet::Url, 35, 35),
    ("npm token", "npm_", Alphabet::Alphanumeric, 36, 36),
    ("PyPI token", "pypi-AgE", Alphabet::Url, 50, ANY),
    ("Twilio key", "SK", Alphabet::Hex, 32, 32),
    ("Vault token", "hvs.", Alphabet::Url, 20, ANY),
    ("Vault token", "hvb.", Alphabet::Url, 20, ANY),
    ("New Relic key", "NRAK-", Alphabet::Upper, 20, ANY),
    ("Shopify token", "shpat_", Alphabet::Hex, 32, 32),
    ("Shopify token", "shpca_", Alphabet::Hex, 32, 32),
    ("Shopify token", "shppa_", Alphabet::Hex, 32, 32),
    ("Shopify token", "shpss_", Alphabet::Hex, 32, 32),
    ("DigitalOcean token", "dop_v1_", Alphabet::Hex, 64, 64),
    ("DigitalOcean token", "doo_v1_", Alphabet::Hex, 64, 64),
    ("DigitalOcean token", "dor_v1_", Alphabet::Hex, 64, 64),
    ("Databricks token", "dapi", Alphabet::Hex, 32, 32),
    ("OpenAI key", "sk-proj-", Alphabet::Url, 40, ANY),
    ("Anthropic key", "sk-ant-", Alphabet::Url, 40, ANY),
    ("Hugging Face token", "hf_", Alphabet::Alphanumeric, 34, 34),
    ("Azure storage key", "AccountKey=", Alphabet::Base64, 88, 88),
    ("Doppler token", "dp.pt.", Alphabet::Alphanumeric, 40, ANY),
    ("Doppler token", "dp.st.", Alphabet::Dotted, 40, ANY),
    ("Linear key", "lin_api_", Alphabet::Alphanumeric, 32, ANY),
    ("Atlassian token", "ATATT3", Alphabet::Dotted, 60, ANY),
];

/// What the other tokens are told by.
const PRIVATE_KEY: &str = "-----BEGIN ";
const WEB_TOKEN: &str = "eyJ";
const SEND_GRID: &str = "SG.";
const TERRAFORM: &str = ".atlasv1.";
/// How many characters a Terraform token has in front of its mark.
const TERRAFORM_ID: usize = 14;

/// Finds what a token may start with, or has in it. A text is mostly free of it, so this is what a search costs; up to 64
/// words of at least three bytes are searched for with vector instructions.
fn marks() -> &'static AhoCorasick {
    static MARKS: OnceLock<AhoCorasick> = OnceLock::new();
    MARKS.get_or_init(|| {
        let short = |prefix: &&str| prefix.len() < 3;
        let prefixes = || FORMS.iter().map(|(_, prefix, ..)| *prefix);
        let hex = |prefix: &'static str| "0123456789abcdef".chars().map(move |digit| format!("{prefix}{digit}"));
        let others = [PRIVATE_KEY, WEB_TOKEN, SEND_GRID, TERRAFORM];
        let long = prefixes().filter(|p| !short(p)).chain(others).map(String::from);
        let marks = long.chain(prefixes().filter(short).flat_map(hex));
        AhoCorasick::builder().match_kind(MatchKind::LeftmostFirst).build(marks).expect("a few short words")
    })
}

/// The tokens in a text, in order.
pub(in crate::rules) fn tokens(text: &str) -> Vec<Token> {
    let bytes = text.as_bytes();
    let mut out: Vec<Token> = Vec::new();
    let mut at = 0;
    while let Some(mark) = marks().find(Input::new(bytes).span(at..bytes.len())) {
        at = mark.start() + 1;
        let inside = bytes[mark.range()] == *TERRAFORM.as_bytes();
        let Some(start) = mark.start().checked_sub(if inside { TERRAFORM_ID } else { 0 }) else { continue };
        let behind = out.last().is_none_or(|last| last.range.end <= start);
        let starts_word = start == 0 || !is_word(bytes[start - 1]);
        if behind
            && starts_word
            && let Some(token) = token_at(text, start)
        {
            at = token.range.end;
            out.push(token);
        }
    }
    out
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

fn token_at(text: &str, at: usize) -> Option<Token> {
    let rest = text.get(at..)?;
    let token = |kind, length: usize| Token { kind, range: at..at + length };
    if rest.starts_with(PRIVATE_KEY) {
        return private_key(rest).map(|n| token("private key", n));
    }
    if rest.starts_with(WEB_TOKEN) {
        return web_token(rest).map(|n| token("JSON web token", n));
    }
    if rest.starts_with(SEND_GRID) {
        return send_grid(rest).map(|n| token("SendGrid key", n));
    }
    for (kind, prefix, alphabet, least, most) in FORMS {
        let Some(body) = rest.strip_prefix(prefix) else { continue };
        let length = run(body, *alphabet);
        if (*least..=*most).contains(&length) && !is_sample(&body[..length]) {
            return Some(token(*kind, prefix.len() + length));
        }
    }
    terraform(rest).map(|n| token("Terraform token", n))
}

/// How many characters of the alphabet the text starts with; 0 if a word goes on behind them. Does not look further than one
/// behind [`ANY`], so that text full of marks does not take long.
fn run(text: &str, alphabet: Alphabet) -> usize {
    let length = text.bytes().take(ANY + 1).take_while(|b| alphabet.has(*b)).count();
    if text.as_bytes().get(length).is_some_and(|b| is_word(*b)) { 0 } else { length }
}

/// True for what stands for a token in documentation.
fn is_sample(body: &str) -> bool {
    let mut distinct = [false; 256];
    body.bytes().for_each(|b| distinct[usize::from(b)] = true);
    let few = distinct.iter().filter(|seen| **seen).count() < 6;
    few || body.ends_with("EXAMPLE") || body.to_ascii_lowercase().contains("xxxx")
}

/// Length of a PEM block with a private key that is not encrypted. Line breaks may be written `\n`.
fn private_key(text: &str) -> Option<usize> {
    let rest = text.strip_prefix(PRIVATE_KEY)?;
    let label = rest.find("-----")?;
    let name = &rest[..label];
    if !name.ends_with("PRIVATE KEY") || name.len() > 40 || name.starts_with("ENCRYPTED") {
        return None;
    }
    let start = 11 + label + 5;
    let body = text.get(start..)?;
    let near = (0..=body.len().min(8 * ANY)).rev().find(|at| body.is_char_boundary(*at))?;
    let body = &body[..near];
    let end = body.find("-----").unwrap_or(body.len());
    let key: String = body[..end].replace("\\n", "\n").split_whitespace().collect();
    let base64 = key.bytes().take_while(|b| Alphabet::Base64.has(*b)).count();
    let encrypted = key.contains("ENCRYPTED");
    (base64 >= 40 && !encrypted && !is_sample(&key)).then_some(11 + label + 5)
}

/// Length of a JSON web token: three parts, the first of which is JSON with `alg`.
fn web_token(text: &str) -> Option<usize> {
    let length = text.bytes().take(4 * ANY).take_while(|b| Alphabet::Url.has(*b) || *b == b'.').count();
    let token = text.get(..length)?.trim_end_matches('.');
    let parts: Vec<&str> = token.split('.').collect();
    let [header, claims, signature] = parts[..] else { return None };
    if claims.is_empty() || signature.is_empty() || is_sample(claims) {
        return None;
    }
    let header = URL_SAFE_NO_PAD.decode(header).ok()?;
    let header: serde_json::Value = serde_json::from_slice(&header).ok()?;
    header.get("alg").map(|_| token.len())
}

fn send_grid(text: &str) -> Option<usize> {
    let length = run(text, Alphabet::Dotted);
    let parts: Vec<&str> = text.get(..length)?.split('.').collect();
    let [_, id, key] = parts[..] else { return None };
    (id.len() == 22 && key.len() == 43 && !is_sample(key)).then_some(length)
}

/// `<14 characters>.atlasv1.<60 or more>`
fn terraform(text: &str) -> Option<usize> {
    if text.get(TERRAFORM_ID..23)? != TERRAFORM || !text[..TERRAFORM_ID].bytes().all(|b| b.is_ascii_alphanumeric()) {
        return None;
    }
    let length = run(&text[23..], Alphabet::Url);
    (length >= 50 && !is_sample(&text[23..23 + length])).then_some(23 + length)
}

/// True for base64 in form, whatever is behind it: the API takes no other text under `data`.
pub(in crate::rules) fn is_base64(text: &str) -> bool {
    let joined: String = text.split_whitespace().collect();
    let body = joined.trim_end_matches('=');
    joined.len() - body.len() <= 2 && joined.len().is_multiple_of(4) && body.bytes().all(|b| Alphabet::Base64.has(b))
}

/// The text behind base64, if it is text.
pub(in crate::rules) fn decode(text: &str) -> Option<String> {
    let joined: String = text.split_whitespace().collect();
    String::from_utf8(STANDARD.decode(joined).ok()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Characters without meaning: tokens in tests are put together from parts, so that no scanner takes them for real ones.
    fn body(alphabet: &str, n: usize) -> String {
        alphabet.chars().cycle().take(n).collect()
    }

    #[test]
    fn every_form_is_found_and_its_samples_are_not() {
        for (kind, prefix, alphabet, least, _) in FORMS {
            let letters = match alphabet {
                Alphabet::Hex => "0a1b2c3d4e5f",
                Alphabet::Upper => "Q7W2E8R4T6Z1",
                _ => "q7W2e8R4t6Z1",
            };
            let token = format!("{prefix}{}", body(letters, *least));
            let found = tokens(&format!("a: \"{token}\""));
            assert_eq!(found, [Token { kind, range: 4..4 + token.len() }], "{prefix}");
            assert_eq!(tokens(&format!("{prefix}{}", body("A", *least))), [], "{prefix}: one character");
            assert_eq!(tokens(&format!("a{token}")), [], "{prefix}: inside a word");
            assert_eq!(tokens(&format!("{prefix}{}", body(letters, 3))), [], "{prefix}: too short");
        }
    }

    #[test]
    fn keys_and_tokens_with_parts() {
        let pem = |kind: &str, body: &str| format!("-----BEGIN {kind}-----\n{body}\n-----END {kind}-----\n");
        let key = body("q7W2e8R4t6Z1+/", 64);
        assert_eq!(tokens(&pem(&["RSA", "PRIVATE", "KEY"].join(" "), &key)).len(), 1);
        assert_eq!(tokens(&pem(&["ENCRYPTED", "PRIVATE", "KEY"].join(" "), &key)), []);
        assert_eq!(tokens(&pem("CERTIFICATE", &key)), []);
        assert_eq!(tokens(&pem(&["PRIVATE", "KEY"].join(" "), "...")), []);
        let web = format!("{}.{}.{}", URL_SAFE_NO_PAD.encode("{\"alg\":\"A\"}"), key.replace(['+', '/'], "_"), "c2ln");
        assert_eq!(tokens(&web), [Token { kind: "JSON web token", range: 0..web.len() }]);
        let no_alg = format!("{}.{}.{}", URL_SAFE_NO_PAD.encode("{\"a\":\"A\"}"), "q7W2e8R4t6Z1", "c2ln");
        assert_eq!(tokens(&no_alg), []);
        let grid = format!("SG.{}.{}", body("q7W2e8R4t6Z1", 22), body("q7W2e8R4t6Z1", 43));
        assert_eq!(tokens(&grid).len(), 1);
        let atlas = format!("{}.atlasv1.{}", body("q7W2e8R4t6Z1", 14), body("q7W2e8R4t6Z1", 60));
        assert_eq!(tokens(&atlas).len(), 1);
        assert_eq!(tokens("äöü é: ü"), []);
    }
}
