//! See `manicheck_fuzz::config`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| manicheck_fuzz::config(data));
