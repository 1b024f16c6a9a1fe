use bistro_ir::Expr;
use bistro_store::{Cost, NewRow, Output};

use super::*;

fn reading() -> (Schema, Reading) {
    let checked = bistro_sdl::read("schema.graphql", "type Note @model { id: Int! @id }");
    let schema = checked.schema;
    let ty = schema.by_name("Note").expect("it is there");
    let id = schema.ty(ty).field_named("id").expect("it is there");
    let operand = bistro_ir::Operand::Field(bistro_ir::Root::Scope(0), id);
    let select = Select {
        ty,
        outputs: vec![Output::Value(operand, schema.ty(ty).field(id).scalar)],
        filter: Expr::TRUE,
        order: Vec::new(),
        limit: Some(Bound::Param(ParamId(0))),
        offset: None,
        total: false,
        new: NewRow::default(),
        lock: false,
        cost: Cost::Bounded,
    };
    let reading = Reading::new(&schema, &Statement::Select(select)).expect("it is lowered");
    (schema, reading)
}

#[test]
fn the_first_lengths_have_texts_of_their_own_and_the_others_share_one() {
    let (schema, reading) = reading();
    let text = |limit: Value| {
        let level = reading.level_for(&schema, Width::NARROW, &[limit]).expect("it is lowered");
        level.words.text.as_str().to_owned()
    };
    let lengths = LENGTHS as i64;
    for _ in 0..2 {
        for n in 0..lengths {
            assert!(text(Value::Int(n)).ends_with(&format!(" LIMIT {n}")), "{}", text(Value::Int(n)));
        }
        for other in [Value::Int(lengths), Value::Int(-1), Value::Null] {
            assert!(text(other.clone()).ends_with("LIMIT $1::int8"), "{}", text(other));
        }
    }
}
