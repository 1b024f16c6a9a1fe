//! The kinds of mistake in a schema file or a rule: flat tables of code, title and what to do, also for the documentation.

/// One kind of mistake.
#[derive(Clone, Copy, Debug)]
pub struct Mistake {
    /// `BIS-2nn`, stable for ever.
    pub code: &'static str,
    /// What is wrong, in few words.
    pub title: &'static str,
    /// What to do about it.
    pub mend: &'static str,
}

/// Makes a table of mistakes: a constant for each row's code, and `ALL` in order of the codes.
#[macro_export]
macro_rules! mistakes {
    ($($name:ident $code:literal $title:literal $mend:literal;)*) => {
        $(#[doc = $title] pub const $name: &str = $code;)*

        /// Every kind of mistake, in order of its code.
        pub const ALL: &[$crate::Mistake] = &[$($crate::Mistake { code: $code, title: $title, mend: $mend },)*];
    };
}
