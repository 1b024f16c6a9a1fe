//! The kinds of mistake in a schema file: a flat table of code, title and what to do, also for the documentation.

bistro_problem::mistakes! {
    LIMIT "BIS-201" "The file is too large or too deeply nested" "Keep the file under 1 MB and 1,000 types of 1,000 fields each, and nest lists and values less deeply.";
    SYNTAX "BIS-202" "The file is not GraphQL SDL" "Mend the place that the frame shows: a missing brace, colon, quote or type is the usual cause.";
    UNKNOWN_TYPE "BIS-203" "A type is unknown" "Use a scalar of the schema language, or declare a type or an enum of that name.";
    UNKNOWN_DIRECTIVE "BIS-204" "A directive is unknown" "Use a directive of the schema language; the reference lists them.";
    UNKNOWN_ARGUMENT "BIS-205" "A directive has no such argument" "Use one of the directive's own arguments.";
    ARGUMENT "BIS-206" "An argument is missing or has the wrong type" "Give the argument the type that the reference states.";
    MISPLACED "BIS-207" "A directive stands where it may not, or twice" "Move it to a place where it may stand, and write it once unless it may repeat.";
    DUPLICATE "BIS-208" "Something is defined twice" "Rename or remove one of the two.";
    UNSUPPORTED "BIS-209" "A part of GraphQL that schema files do not use" "Say it with types, enums and the directives of the schema language.";
    LACKING "BIS-210" "This version lacks it" "Remove it until a version that has it.";
    TYPE_KIND "BIS-211" "A type does not say what it is, or says two things" "Give each type exactly one of @model, @account and @view.";
    RESERVED_NAME "BIS-212" "A name is reserved" "Choose another name.";
    COLLECTION "BIS-213" "A collection's name is taken, refused or not usable" "Give the type another name with @model(name:) or @model(plural:).";
    FIELD_NAME "BIS-214" "A field's name is refused" "Rename the field.";
    AWKWARD_NAME "BIS-215" "A field's name is awkward in REST" "Rename the field, or filter by the name of its column.";
    COLUMN_TAKEN "BIS-216" "Two fields share a column" "Rename one of the fields, or give one its own column.";
    NO_KEY "BIS-217" "A model has no key" "Add `id: ID!`, mark a field with @id, or name the fields with @model(key:).";
    KEY "BIS-218" "A key cannot be used" "Use required scalar fields, or required relations, that every row has.";
    ACCOUNT "BIS-219" "The account model is not as it must be" "Keep one @account, with the key `id: ID!`.";
    VIEW "BIS-220" "A view cannot do that" "Views only read: keep to fields, @id, @relation columns and @allow(to: [READ]).";
    RELATION "BIS-221" "A relation cannot be stored as written" "Let it lead to a model with a key, and give it a column of its own.";
    ON_DELETE "BIS-222" "onDelete does not fit the relation" "Use CASCADE or RESTRICT, or make the relation nullable for SET_NULL.";
    INVERSE "BIS-223" "@inverse does not fit the relation that it names" "Name a field of the other type that leads back to this one.";
    MANY "BIS-224" "A many-to-many relation is ambiguous" "Declare one side as a plain list and the other with @inverse(of:).";
    THROUGH "BIS-225" "The model of through: does not join the two sides" "Name a model with one relation to each side.";
    UNKNOWN_ROLE "BIS-226" "A role is unknown" "Declare it in the enum marked @roles.";
    ROLES "BIS-227" "The roles cannot be declared so" "Keep one enum @roles of at most 60 roles, without built-in names and without cycles.";
    RULE_TEXT "BIS-228" "A rule's text is empty or too long" "Write a rule of 1 to 4,096 bytes; split a longer one over several @allow.";
    DEFAULT "BIS-229" "A default does not fit its field" "Give a value of the field's type that keeps the field's own limits.";
    DOES_NOT_FIT "BIS-230" "A directive does not fit the field's type" "Remove it, or give the field a type that it fits.";
    BOUNDS "BIS-231" "Bounds contradict each other or the type" "Keep min at most max, and both within the field's type.";
    PATTERN "BIS-232" "A pattern cannot be used" "Write a regular expression of at most 256 bytes without look-around and back-references.";
    DECIMAL "BIS-233" "A decimal's digits are out of range" "Keep precision within 1–38, scale within 0–18, and scale at most precision.";
    INDEX "BIS-234" "An index or unique set cannot be made" "Name existing stored fields of the type, each once.";
    ALLOW "BIS-235" "An @allow cannot mean anything" "Name at least one action, and roles that rules apply to.";
    NAME_TOO_LONG "BIS-236" "A name is too long or not usable" "Use at most 63 bytes of letters, digits and underscores.";
    NO_TYPES "BIS-237" "The file declares nothing to serve" "Declare a type with @model.";
    WAS "BIS-238" "A rename cannot be understood" "Name with @was what is not in the file any more, and name it once.";
}

#[cfg(test)]
mod tests {
    use super::ALL;

    #[test]
    fn codes_are_distinct_and_in_order() {
        assert!(ALL.windows(2).all(|w| w[0].code < w[1].code));
        assert!(ALL.iter().all(|r| r.code.starts_with("BIS-2") && r.code.len() == 7));
    }
}
