//! The kinds of mistake in a rule: a flat table of code, title and what to do, also for the documentation.

bistro_problem::mistakes! {
    SYNTAX "BIS-241" "A rule is not CEL" "Mend the place that the frame shows: a missing quote, bracket or operator is the usual cause.";
    LIMIT "BIS-242" "A rule is too long or too deep" "Keep it within 4 KB and 32 levels; write alternatives as several @allow.";
    NAME "BIS-243" "A rule names something that is not there" "Mend the name; the message says what is near it or what there is.";
    TYPES "BIS-244" "The two sides of a rule do not fit" "Compare values of one kind; the message names both.";
    LITERAL "BIS-245" "A constant in a rule is not a value of its type" "Write a value that the other side could have.";
    LACKING "BIS-246" "A part of CEL that rules do not have" "The message says what to write instead.";
    ROW_OR_NEW "BIS-247" "A rule looks at a row that is not there" "CREATE has only `new`; READ and DELETE have only `row`; UPDATE has both.";
    COMPUTED "BIS-248" "A computed field depends on itself or grows too large" "Break the circle, or compute from stored fields.";
    RESULT "BIS-249" "A rule gives the wrong kind of value" "A condition is true or false; a default or computed field has its field's type.";
    UNJUDGED "BIS-250" "An UPDATE rule never looks at the stored row" "Add a condition on `row`, so that not every row may be changed.";
}

#[cfg(test)]
mod tests {
    use super::ALL;

    #[test]
    fn codes_are_distinct_and_in_order() {
        assert!(ALL.windows(2).all(|w| w[0].code < w[1].code));
    }
}
