//! The parser's tree to ours. The parser keeps no places, so they are found again: leaves of the tree stand in the
//! order of the source, and a cursor over the tokens follows the walk.

use cel::common::ast::{CallExpr, ComprehensionExpr, Expr, IdedExpr, LiteralValue, operators};
use cel::parser::pratt_parser::{Lexer, Token, TokenKind};

use super::{Binary, DEPTH_MAX, Fault, Macro, Node, NodeKind, Place};

/// Converts a whole tree.
pub(super) fn convert(text: &str, tree: IdedExpr) -> Result<Node, Fault> {
    let mut lexer = Lexer::new(text);
    let tokens = std::iter::from_fn(|| Some(lexer.lex()))
        .take_while(|t| !matches!(t.kind, TokenKind::TokEnd | TokenKind::TokError))
        .filter(|t| !matches!(t.kind, TokenKind::TokWhitespace | TokenKind::TokComment))
        .collect();
    Walk { text, tokens, next: 0 }.node(&tree, 1)
}

struct Walk<'a> {
    text: &'a str,
    tokens: Vec<Token>,
    next: usize,
}

impl Walk<'_> {
    /// Moves behind the next token that fits; the whole text where none does.
    fn find(&mut self, fits: impl Fn(&Token, &str) -> bool) -> Place {
        let text = self.text;
        let found =
            self.tokens[self.next..].iter().position(|t| fits(t, text.get(t.start..t.end).unwrap_or("")));
        match found {
            Some(n) => {
                let token = self.tokens[self.next + n];
                self.next += n + 1;
                (token.start as u32, token.end as u32)
            }
            None => (0, text.len() as u32),
        }
    }

    fn word(&mut self, word: &str) -> Place {
        self.find(|_, text| text.trim_matches('`') == word)
    }

    fn kind(&mut self, kinds: &[TokenKind]) -> Place {
        self.find(|token, _| kinds.contains(&token.kind))
    }

    fn node(&mut self, tree: &IdedExpr, depth: usize) -> Result<Node, Fault> {
        if depth > DEPTH_MAX {
            return Err(Fault::TooDeep);
        }
        match &tree.expr {
            Expr::Ident(name) => Ok(Node { place: self.word(name), kind: NodeKind::Ident(name.clone()) }),
            Expr::Literal(value) => Ok(self.literal(value)),
            Expr::Select(select) => {
                let test = select.test.then(|| self.word("has"));
                let of = Box::new(self.node(&select.operand, depth + 1)?);
                let at = self.word(&select.field);
                let (name, start) = (select.field.clone(), of.place.0);
                let place = (test.map_or(start, |t| t.0), at.1);
                let kind = if select.test {
                    NodeKind::Has { of, name, at }
                } else {
                    NodeKind::Select { of, name, at }
                };
                Ok(Node { place, kind })
            }
            Expr::List(list) => {
                let open = self.kind(&[TokenKind::TokLeftBracket]);
                let parts =
                    list.elements.iter().map(|e| self.node(e, depth + 1)).collect::<Result<Vec<_>, _>>()?;
                let close = self.kind(&[TokenKind::TokRightBracket]);
                Ok(Node { place: (open.0, close.1), kind: NodeKind::List(parts) })
            }
            Expr::Call(call) => self.call(call, depth),
            Expr::Comprehension(comprehension) => self.comprehension(comprehension, depth),
            Expr::Map(_) => Ok(self.lacking("maps `{…}`")),
            Expr::Struct(_) => Ok(self.lacking("messages `Name{…}`")),
            Expr::Unspecified => Ok(self.lacking("this")),
        }
    }

    fn lacking(&self, what: &'static str) -> Node {
        let at = self
            .tokens
            .get(self.next)
            .map_or((0, self.text.len() as u32), |t| (t.start as u32, t.end as u32));
        Node { place: at, kind: NodeKind::Lacking(what) }
    }

    fn literal(&mut self, value: &LiteralValue) -> Node {
        use TokenKind::{TokBytes, TokFalse, TokFloat, TokInt, TokNull, TokString, TokTrue, TokUint};
        let (kinds, kind): (&[TokenKind], _) = match value {
            LiteralValue::Null => (&[TokNull], NodeKind::Null),
            LiteralValue::Boolean(b) => (&[TokTrue, TokFalse], NodeKind::Bool(*b.inner())),
            LiteralValue::Int(i) => (&[TokInt], NodeKind::Int(*i.inner())),
            LiteralValue::UInt(u) => {
                let int = i64::try_from(*u.inner())
                    .map_or(NodeKind::Lacking("numbers over 63 bits"), NodeKind::Int);
                (&[TokUint], int)
            }
            LiteralValue::Double(f) => (&[TokFloat], NodeKind::Float(*f.inner())),
            LiteralValue::String(s) => (&[TokString], NodeKind::Text(s.inner().to_owned())),
            LiteralValue::Bytes(_) => (&[TokBytes], NodeKind::Lacking("byte strings `b'…'`")),
        };
        Node { place: self.kind(kinds), kind }
    }

    fn call(&mut self, call: &CallExpr, depth: usize) -> Result<Node, Fault> {
        let name = call.func_name.as_str();
        let (of, args) = (&call.target, &call.args);
        if let (Some(op), [left, right], None) = (binary(name), args.as_slice(), of) {
            let left = self.node(left, depth + 1)?;
            let right = self.node(right, depth + 1)?;
            return Ok(Node {
                place: (left.place.0, right.place.1),
                kind: NodeKind::Binary(op, Box::new([left, right])),
            });
        }
        match (name, args.as_slice(), of) {
            (operators::LOGICAL_AND | operators::LOGICAL_OR, _, None) => {
                let mut parts = Vec::new();
                self.chain(name, args, &mut parts, depth + 1)?;
                let place = around(&parts);
                let kind =
                    if name == operators::LOGICAL_AND { NodeKind::And(parts) } else { NodeKind::Or(parts) };
                Ok(Node { place, kind })
            }
            (operators::LOGICAL_NOT, [inner], None) => {
                self.unary(inner, depth, TokenKind::TokExclamation, NodeKind::Not)
            }
            (operators::NEGATE, [inner], None) => {
                self.unary(inner, depth, TokenKind::TokMinus, NodeKind::Negate)
            }
            (operators::CONDITIONAL, [test, yes, no], None) => {
                let parts =
                    [self.node(test, depth + 1)?, self.node(yes, depth + 1)?, self.node(no, depth + 1)?];
                Ok(Node { place: around(&parts), kind: NodeKind::Choose(Box::new(parts)) })
            }
            (operators::INDEX, [base, index], None) => {
                let base = self.node(base, depth + 1)?;
                let index = self.node(index, depth + 1)?;
                let close = self.kind(&[TokenKind::TokRightBracket]);
                Ok(Node {
                    place: (base.place.0, close.1),
                    kind: NodeKind::Index(Box::new(base), Box::new(index)),
                })
            }
            _ => {
                let of = of.as_deref().map(|of| self.node(of, depth + 1)).transpose()?.map(Box::new);
                let at = self.word(name);
                let args = args.iter().map(|a| self.node(a, depth + 1)).collect::<Result<Vec<_>, _>>()?;
                let start = of.as_ref().map_or(at.0, |n| n.place.0);
                let close = self.kind(&[TokenKind::TokRightParen]);
                Ok(Node {
                    place: (start, close.1),
                    kind: NodeKind::Call { of, name: name.to_owned(), at, args },
                })
            }
        }
    }

    fn unary(
        &mut self,
        inner: &IdedExpr,
        depth: usize,
        sign: TokenKind,
        make: fn(Box<Node>) -> NodeKind,
    ) -> Result<Node, Fault> {
        let at = self.kind(&[sign]);
        let inner = self.node(inner, depth + 1)?;
        Ok(Node { place: (at.0, inner.place.1), kind: make(Box::new(inner)) })
    }

    /// The parser balances chains of `&&` and of `||` into a tree; here they are one list again.
    fn chain(
        &mut self,
        name: &str,
        args: &[IdedExpr],
        out: &mut Vec<Node>,
        depth: usize,
    ) -> Result<(), Fault> {
        for arg in args {
            match &arg.expr {
                Expr::Call(inner) if inner.func_name == name && inner.target.is_none() => {
                    self.chain(name, &inner.args, out, depth)?;
                }
                _ => out.push(self.node(arg, depth)?),
            }
        }
        Ok(())
    }

    /// What the parser made of `over.exists(var, body)` and its like.
    fn comprehension(&mut self, c: &ComprehensionExpr, depth: usize) -> Result<Node, Fault> {
        let over = self.node(&c.iter_range, depth + 1)?;
        let Some((which, body)) = unfold(c) else { return Ok(self.lacking("this macro")) };
        let at = self.find(|t, text| t.kind == TokenKind::TokIdent && MACROS.contains(&text));
        self.word(&c.iter_var);
        let body = self.node(body, depth + 1)?;
        let close = self.kind(&[TokenKind::TokRightParen]);
        let place = (over.place.0, close.1);
        let (over, body, var) = (Box::new(over), Box::new(body), c.iter_var.clone());
        Ok(Node { place, kind: NodeKind::Macro { which, over, var, body, at } })
    }
}

const MACROS: [&str; 6] = ["exists", "all", "exists_one", "existsOne", "map", "filter"];

/// The macro that a comprehension came from, and its body.
fn unfold(c: &ComprehensionExpr) -> Option<(Macro, &IdedExpr)> {
    let Expr::Call(step) = &c.loop_step.expr else { return None };
    match (&c.accu_init.expr, step.func_name.as_str(), step.args.as_slice()) {
        (Expr::Literal(LiteralValue::Boolean(_)), operators::LOGICAL_OR, [_, body]) => {
            Some((Macro::Exists, body))
        }
        (Expr::Literal(LiteralValue::Boolean(_)), operators::LOGICAL_AND, [_, body]) => {
            Some((Macro::All, body))
        }
        (Expr::Literal(LiteralValue::Int(_)), operators::CONDITIONAL, [body, ..]) => {
            Some((Macro::ExistsOne, body))
        }
        (Expr::List(_), operators::CONDITIONAL, [body, ..]) => Some((Macro::Filter, body)),
        (Expr::List(_), operators::ADD, [_, list]) => match &list.expr {
            Expr::List(one) => one.elements.first().map(|body| (Macro::Map, body)),
            _ => None,
        },
        _ => None,
    }
}

fn around(parts: &[Node]) -> Place {
    let start = parts.first().map_or(0, |n| n.place.0);
    (start, parts.last().map_or(start, |n| n.place.1))
}

fn binary(name: &str) -> Option<Binary> {
    Some(match name {
        operators::EQUALS => Binary::Eq,
        operators::NOT_EQUALS => Binary::Ne,
        operators::LESS => Binary::Lt,
        operators::LESS_EQUALS => Binary::Le,
        operators::GREATER => Binary::Gt,
        operators::GREATER_EQUALS => Binary::Ge,
        operators::IN => Binary::In,
        operators::ADD => Binary::Add,
        operators::SUBSTRACT => Binary::Subtract,
        operators::MULTIPLY => Binary::Multiply,
        operators::DIVIDE => Binary::Divide,
        operators::MODULO => Binary::Remainder,
        _ => return None,
    })
}
