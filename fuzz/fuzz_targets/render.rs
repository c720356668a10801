//! See `manicheck_fuzz::render`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &str| manicheck_fuzz::render(data));
