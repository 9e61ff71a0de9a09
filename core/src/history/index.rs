//! Finds by name among some hundred or thousand.
//!
//! Names here begin alike, and lie all over the memory: to search a sorted list of them reads half of each of ten. Of a few that share
//! a part of their hash, one is read. The standard library's hash table would do too, and be a good part of the WebAssembly module.

/// What has a name, by the name's hash. Whether a name is the one that is asked for, the caller says: it knows where it is.
#[derive(Debug)]
pub(super) struct Index<T>(Vec<Vec<(u32, T)>>);

/// Enough for a handful of names in each.
const BUCKETS: u32 = 256;

impl<T> Default for Index<T> {
    fn default() -> Self {
        Index(std::iter::repeat_with(Vec::new).take(BUCKETS as usize).collect())
    }
}

impl<T> Index<T> {
    fn bucket(&mut self, hash: u32) -> Option<&mut Vec<(u32, T)>> {
        self.0.get_mut((hash % BUCKETS) as usize)
    }

    pub(super) fn find(&self, hash: u32, is: impl Fn(&T) -> bool) -> Option<&T> {
        let bucket = self.0.get((hash % BUCKETS) as usize)?;
        let found = bucket.iter().find(|(other, value)| *other == hash && is(value));
        found.map(|(_, value)| value)
    }

    /// One that has no namesake in it.
    pub(super) fn insert(&mut self, hash: u32, value: T) {
        if let Some(bucket) = self.bucket(hash) {
            bucket.push((hash, value));
        }
    }

    pub(super) fn remove(&mut self, hash: u32, is: impl Fn(&T) -> bool) {
        if let Some(bucket) = self.bucket(hash)
            && let Some(at) = bucket.iter().position(|(other, value)| *other == hash && is(value))
        {
            bucket.swap_remove(at);
        }
    }
}

/// FNV-1a: quick where names are short. Whoever makes names that collide makes a search as long as the list.
pub(super) fn hash(name: &str) -> u32 {
    name.bytes().fold(0x811c_9dc5, |hash, byte| {
        (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_one_hash_are_told_apart() {
        let mut index = Index::default();
        let names = [(7, "a"), (7, "b"), (3, "c"), (7, "d"), (7 + BUCKETS, "e")];
        for (hash, name) in names {
            assert_eq!(index.find(hash, |other| *other == name), None);
            index.insert(hash, name);
        }
        for (hash, name) in names {
            assert_eq!(index.find(hash, |other| *other == name), Some(&name));
        }
        assert_eq!(index.find(3, |other| *other == "a"), None);
        index.remove(7, |other| *other == "b");
        index.remove(7, |other| *other == "e");
        let left = names.map(|(hash, name)| index.find(hash, |other| *other == name).is_some());
        assert_eq!(left, [true, false, true, true, true]);
    }
}
