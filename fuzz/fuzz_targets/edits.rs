//! See `manicheck_fuzz::edits`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| manicheck_fuzz::edits(data));
