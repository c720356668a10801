//! See `manicheck_fuzz::expand`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| manicheck_fuzz::expand(data));
