//! Sets of types: a few words, no allocation for most schemas.

use bistro_schema::TypeId;

/// A set of types.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Types {
    first: u128,
    /// Those from number 128 on, 64 in each.
    more: Vec<u64>,
}

impl Types {
    /// Adds a type.
    pub fn insert(&mut self, ty: TypeId) {
        let Some((word, bit)) = beyond(ty) else {
            self.first |= 1 << ty.0;
            return;
        };
        if self.more.len() <= word {
            self.more.resize(word + 1, 0);
        }
        self.more[word] |= bit;
    }

    /// Whether a type is in it.
    pub fn contains(&self, ty: TypeId) -> bool {
        match beyond(ty) {
            None => self.first & (1 << ty.0) != 0,
            Some((word, bit)) => self.more.get(word).is_some_and(|word| word & bit != 0),
        }
    }

    /// Whether it has none.
    pub fn is_empty(&self) -> bool {
        self.first == 0 && self.more.iter().all(|word| *word == 0)
    }

    /// The types, in order.
    pub fn iter(&self) -> impl Iterator<Item = TypeId> {
        let most = 128 + self.more.len() * 64;
        (0..most).map(|n| TypeId(n as u16)).filter(|ty| self.contains(*ty))
    }
}

/// The word and the bit of a type that is not among the first.
fn beyond(ty: TypeId) -> Option<(usize, u64)> {
    let n = usize::from(ty.0).checked_sub(128)?;
    Some((n / 64, 1 << (n % 64)))
}

impl FromIterator<TypeId> for Types {
    fn from_iter<T: IntoIterator<Item = TypeId>>(types: T) -> Self {
        let mut set = Self::default();
        types.into_iter().for_each(|ty| set.insert(ty));
        set
    }
}

#[cfg(test)]
mod tests {
    use bistro_schema::TypeId;

    use super::Types;

    #[test]
    fn sets_hold_what_was_put_in() {
        let numbers = [0, 1, 127, 128, 191, 192, 5_000];
        let set: Types = numbers.map(TypeId).into_iter().collect();
        assert_eq!(set.iter().map(|ty| ty.0).collect::<Vec<_>>(), numbers);
        assert!(!set.contains(TypeId(2)) && !set.contains(TypeId(129)) && !set.contains(TypeId(60_000)));
        assert!(Types::default().is_empty() && !set.is_empty());
    }
}
