//! See `manicheck_fuzz::values`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &str| manicheck_fuzz::values(data));
