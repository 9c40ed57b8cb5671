//! Some of the earlier epochs, evenly spread, never more than a fixed number.

use std::collections::BTreeMap;

/// So many epochs are remembered at most, beside epoch 0.
pub const REMEMBERED: usize = 32;

/// Things by epoch: epoch 0 always, and others at least a stride apart. The stride doubles when there are too
/// many; if every epoch is read, its multiples are remembered.
#[derive(Clone, Debug)]
pub(super) struct Memory<T> {
    stride: u32,
    things: BTreeMap<u32, T>,
}

impl<T> Default for Memory<T> {
    fn default() -> Self {
        Self { stride: 1, things: BTreeMap::new() }
    }
}

impl<T> Memory<T> {
    pub(super) fn restored(stride: u32, things: BTreeMap<u32, T>) -> Self {
        Self { stride: stride.max(1), things }
    }

    pub(super) fn stride(&self) -> u32 {
        self.stride
    }

    pub(super) fn get(&self, epoch: u32) -> Option<&T> {
        self.things.get(&epoch)
    }

    /// Oldest first.
    pub(super) fn iter(&self) -> impl DoubleEndedIterator<Item = (u32, &T)> {
        self.things.iter().map(|(&epoch, thing)| (epoch, thing))
    }

    /// Forgets this epoch and later ones, and says which.
    pub(super) fn forget_from(&mut self, epoch: u32) -> Vec<u32> {
        self.things.split_off(&epoch).into_keys().collect()
    }

    /// Takes in an epoch later than all, if it is far enough from the last one. Says which epochs have changed.
    pub(super) fn remember(&mut self, epoch: u32, thing: T) -> Vec<u32> {
        let mut changed = vec![];
        let far = |memory: &Self| epoch >= memory.last().saturating_add(memory.stride);
        while far(self) && self.things.range(1..).count() >= REMEMBERED {
            self.stride = self.stride.saturating_mul(2);
            let (mut last, stride) = (0_u32, self.stride);
            self.things.retain(|&epoch, _| {
                let stays = epoch == 0 || epoch >= last.saturating_add(stride);
                if stays {
                    last = epoch
                } else {
                    changed.push(epoch)
                }
                stays
            });
        }
        if epoch == 0 || far(self) {
            self.things.insert(epoch, thing);
            changed.push(epoch);
        }
        changed
    }

    fn last(&self) -> u32 {
        self.things.last_key_value().map_or(0, |(&epoch, _)| epoch)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn remembered(epochs: impl IntoIterator<Item = u32>) -> Vec<u32> {
        let mut memory = Memory::default();
        for epoch in epochs {
            memory.remember(epoch, ());
            assert!(memory.iter().count() <= REMEMBERED + 1);
        }
        memory.iter().map(|(epoch, ())| epoch).collect()
    }

    #[test]
    fn multiples_of_a_stride_are_remembered() {
        let multiples = |stride: u32, last: u32| -> Vec<u32> {
            (0..=last / stride).map(|k| k * stride).collect()
        };
        assert_eq!(remembered(0..=32), multiples(1, 32));
        assert_eq!(remembered(0..=33), multiples(2, 32));
        assert_eq!(remembered(0..=64), multiples(2, 64));
        assert_eq!(remembered(0..=65), multiples(2, 64));
        assert_eq!(remembered(0..=66), multiples(4, 64));
        assert_eq!(remembered(0..=1000), multiples(32, 1000));
        // Without epoch 0, and in steps that are no power of two.
        let odd = remembered((1..=1000).step_by(2));
        assert!(odd.len() > REMEMBERED / 2 && odd[0] <= 64 && odd[odd.len() - 1] > 900);
        assert_eq!(remembered((0..=3300).step_by(100)), multiples(200, 3200));
    }

    #[test]
    fn changes_are_told() {
        let mut memory = Memory::default();
        let told: Vec<Vec<u32>> = (0..=34).map(|epoch| memory.remember(epoch, epoch)).collect();
        assert!((0..=32).all(|epoch| told[epoch as usize] == [epoch]));
        let odd: Vec<u32> = (1..=32).step_by(2).collect();
        assert_eq!(told[33], odd);
        assert_eq!(told[34], [34]);
        assert_eq!(memory.forget_from(31), [32, 34]);
        assert_eq!((memory.get(30), memory.get(32)), (Some(&30), None));
        assert_eq!(memory.remember(31, 31), [0u32; 0]);
        assert_eq!(memory.remember(32, 32), [32]);
    }
}
