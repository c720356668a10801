//! See `manicheck_fuzz::lint`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &str| manicheck_fuzz::lint(data));
