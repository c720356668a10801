//! See `manicheck_fuzz::parse`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &str| manicheck_fuzz::parse(data));
