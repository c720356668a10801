//! See `manicheck_fuzz::emitter`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| manicheck_fuzz::emitter(data));
