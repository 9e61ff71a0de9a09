//! Copies of request bodies, without an allocation for each.

use std::cell::RefCell;

use bytes::{Bytes, BytesMut};

/// What a thread allocates at once. It is given back when the last record is made whose body is in it, so a thread that records holds
/// no more than one such chunk that is not accounted for.
const CHUNK: usize = 16 << 10;
/// Larger bodies are on their own: they would leave too much of a chunk unused.
const LARGE: usize = CHUNK / 4;

thread_local! {
    static REST: RefCell<BytesMut> = RefCell::default();
}

/// Copies a body for the recorder's tasks.
pub(super) fn keep(body: &[u8]) -> Bytes {
    if body.len() > LARGE {
        return Bytes::copy_from_slice(body);
    }
    let kept = REST.try_with(|rest| {
        let mut rest = rest.borrow_mut();
        if rest.capacity() < body.len() {
            *rest = BytesMut::with_capacity(CHUNK);
        }
        rest.extend_from_slice(body);
        rest.split().freeze()
    });
    // A thread that is ending has no chunk any more.
    kept.unwrap_or_else(|_| Bytes::copy_from_slice(body))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn copies_are_what_was_copied_and_apart() {
        let bodies: Vec<Vec<u8>> = (0..200_usize).map(|at| vec![at as u8; at * 31 % (2 * LARGE)]).collect();
        let kept: Vec<Bytes> = bodies.iter().map(|body| keep(body)).collect();
        assert_eq!(kept, bodies);
    }
}
