//! The scalar of a value, from the schema alone.

use bistro_ir::{Aggregate, Function, Operand, Param, RequestValue, Root};
use bistro_schema::{Kind, RelationId, Scalar, Schema, TypeId};

use crate::error::PlanError;

const TEXT: Scalar = Scalar::one(Kind::String);

/// The scalar of `operand`, read where `scopes` holds the types of the rows in scope, innermost last, and `new` the
/// type of the row being written.
pub fn operand_scalar(
    schema: &Schema,
    scopes: &[TypeId],
    new: TypeId,
    params: &[Param],
    operand: &Operand,
) -> Scalar {
    let again = |o: &Operand| operand_scalar(schema, scopes, new, params, o);
    match operand {
        Operand::Field(root, field) => schema.ty(root_type(scopes, new, *root)).field(*field).scalar,
        Operand::Via { root, via, operand } => {
            let mut inner = scopes.to_vec();
            inner.push(follow(schema, root_type(scopes, new, *root), via));
            operand_scalar(schema, &inner, new, params, operand)
        }
        Operand::Param(id) => params.get(id.0 as usize).map_or(TEXT, |p| p.scalar),
        Operand::Literal(_, scalar) | Operand::Auth(_, scalar) => *scalar,
        Operand::Now => Scalar::one(Kind::DateTime),
        Operand::Request(RequestValue::Ip | RequestValue::Header(_)) => TEXT,
        Operand::Json { text, .. } => {
            if *text {
                TEXT
            } else {
                Scalar::one(Kind::Json)
            }
        }
        Operand::If(_, then) => again(then),
        Operand::Choose(_, a, b) => {
            if matches!(**a, Operand::Literal(bistro_schema::Value::Null, _)) {
                again(b)
            } else {
                again(a)
            }
        }
        Operand::Truth(_) => Scalar::one(Kind::Boolean),
        Operand::Call(function, args) => call(*function, &args.iter().map(again).collect::<Vec<_>>()),
    }
}

/// The scalar of a function's result.
fn call(function: Function, args: &[Scalar]) -> Scalar {
    match function {
        Function::Lower | Function::Upper | Function::Trim | Function::Concat | Function::Text => TEXT,
        Function::Size => Scalar::one(Kind::Int),
        Function::AddMicros => Scalar::one(Kind::DateTime),
        _ => {
            let wider = |a: Scalar, b: &Scalar| if rank(b.kind) > rank(a.kind) { *b } else { a };
            args.iter().skip(1).fold(args.first().copied().unwrap_or(TEXT), wider)
        }
    }
}

/// Which of two kinds of number a calculation with both gives.
fn rank(kind: Kind) -> u8 {
    match kind {
        Kind::Int => 1,
        Kind::BigInt => 2,
        Kind::Decimal { .. } => 3,
        Kind::Float => 4,
        _ => 0,
    }
}

/// The type of the row that a name starts from.
fn root_type(scopes: &[TypeId], new: TypeId, root: Root) -> TypeId {
    match root {
        Root::Scope(n) => scopes.get(scopes.len().wrapping_sub(1 + n as usize)).copied().unwrap_or(new),
        Root::New => new,
    }
}

/// The type that a way leads to.
fn follow(schema: &Schema, from: TypeId, via: &[RelationId]) -> TypeId {
    via.iter().fold(from, |ty, r| schema.ty(ty).relation(*r).target)
}

/// The scalar of an aggregate over values of `input` (`None`: over rows), as PostgreSQL has it.
pub fn aggregate_scalar(function: Aggregate, input: Option<Scalar>) -> Result<Scalar, PlanError> {
    let wide = |scale| Scalar::one(Kind::Decimal { precision: 38, scale, bare: false });
    let refuse = |name| {
        let kind = input.map_or("", Scalar::postgres_name);
        Err(PlanError::Aggregate { function: name, kind })
    };
    let list = input.is_some_and(|s| s.list);
    match (function, input.map(|s| s.kind)) {
        (Aggregate::Count, _) | (_, None) => Ok(Scalar::one(Kind::BigInt)),
        (Aggregate::Sum, Some(Kind::Int)) if !list => Ok(Scalar::one(Kind::BigInt)),
        (Aggregate::Sum, Some(Kind::BigInt)) if !list => Ok(wide(0)),
        (Aggregate::Sum, Some(Kind::Decimal { scale, .. })) if !list => Ok(wide(scale)),
        (Aggregate::Sum | Aggregate::Avg, Some(Kind::Float)) if !list => Ok(Scalar::one(Kind::Float)),
        (Aggregate::Avg, Some(Kind::Int | Kind::BigInt | Kind::Decimal { .. })) if !list => {
            Ok(Scalar::one(Kind::Decimal { precision: 38, scale: 18, bare: true }))
        }
        (Aggregate::Sum, _) => refuse("sum"),
        (Aggregate::Avg, _) => refuse("avg"),
        (Aggregate::Min, Some(Kind::Json | Kind::Boolean)) => refuse("min"),
        (Aggregate::Max, Some(Kind::Json | Kind::Boolean)) => refuse("max"),
        (Aggregate::Min | Aggregate::Max, Some(kind)) => Ok(Scalar { kind, list }),
    }
}
