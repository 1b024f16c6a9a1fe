//! What an operation becomes, stage by stage, for people: a newcomer's first tool and the best bug report.

use bistro_ir::{AuthValue, Body, Operation, RequestValue, Write};
use bistro_plan::{Bind, Limits, Plan, PlanBody};
use bistro_policy::{Authorized, AuthorizedBody};
use bistro_problem::Problem;
use bistro_schema::{Roles, Schema};
use bistro_store::{Cost, Statement, StoreError};

use crate::engine::Engine;
use crate::problem::problem;
use crate::values::plain;

/// The stages of one operation as text.
#[derive(Clone, Debug)]
pub struct Explained {
    /// What was asked.
    pub operation: String,
    /// The same with the rules in it.
    pub authorized: String,
    /// Where binds come from, and what the plan may cost.
    pub plan: String,
    /// What the store runs, with its own plan.
    pub lowered: String,
}

impl Engine {
    /// Explains an operation for a caller of these roles. Nothing is read or written.
    pub async fn explain(&self, roles: Roles, operation: &Operation) -> Result<Explained, Problem> {
        let authorized = bistro_policy::authorize(&self.rules, roles, operation).map_err(|e| e.problem())?;
        let limits = Limits { embed_rows: self.options.embed_rows, embed_depth: self.options.embed_depth };
        let plan = bistro_plan::plan(&self.rules, &authorized, self.store.capabilities(), &limits)
            .map_err(|e| e.problem())?;
        let lowered = self.lowered(&plan).await.map_err(|e| problem(&self.view(roles), e, &[]))?;
        Ok(Explained {
            operation: bistro_ir::text::operation(self.schema(), operation),
            authorized: narrowed(self.schema(), &authorized),
            plan: summary(&plan),
            lowered,
        })
    }

    async fn lowered(&self, plan: &Plan) -> Result<String, StoreError> {
        let mut out = String::new();
        for (name, statement) in statements(plan) {
            let prepared = self.store.prepare(&statement)?;
            out.push_str(&format!("-- {name}\n{}\n", self.store.explain(&prepared).await?.trim_end()));
        }
        Ok(out)
    }
}

/// Every statement of a plan, named by what it is for.
fn statements(plan: &Plan) -> Vec<(&'static str, Statement)> {
    use bistro_plan::WriteStep::{Delete, Insert, Update};
    match &plan.body {
        PlanBody::Read(select) => vec![("read", Statement::Select((**select).clone()))],
        PlanBody::Write(write) => {
            let mut all = Vec::new();
            match &write.step {
                Insert { judge, insert, upsert, .. } => {
                    all.extend(judge.clone().map(|j| ("judge the new row", Statement::Judge(j))));
                    all.extend(
                        upsert
                            .as_ref()
                            .map(|u| ("find the row that exists", Statement::Select(u.probe.clone()))),
                    );
                    all.push(("insert", Statement::Insert(insert.clone())));
                    let update = upsert.as_ref().and_then(|u| u.update.clone());
                    all.extend(update.map(|u| ("update the row that exists", Statement::Update(u))));
                }
                Update { find, update, .. } => {
                    all.push(("find and judge the rows", Statement::Select(find.clone())));
                    all.push(("update each", Statement::Update(update.clone())));
                }
                Delete { find, delete } => {
                    all.push(("find the rows", Statement::Select(find.clone())));
                    all.push(("delete each", Statement::Delete(delete.clone())));
                }
            }
            all.extend(write.returning.clone().map(|s| ("return each", Statement::Select(s))));
            all
        }
    }
}

/// The binds and the cost of a plan.
fn summary(plan: &Plan) -> String {
    let mut out = String::new();
    if let PlanBody::Read(select) = &plan.body {
        out.push_str(match select.cost {
            Cost::Bounded => "by a key or an index, with a limit: runs at once\n",
            Cost::Unbounded => "may look at many rows: runs aside, under the statement deadline\n",
        });
    }
    for (n, bind) in plan.binds.iter().enumerate() {
        out.push_str(&format!("bind {n} = {}\n", source(bind)));
    }
    out
}

/// Where a bind's value comes from, in the words of rules.
fn source(bind: &Bind) -> String {
    match bind {
        Bind::Param(id) => format!("${} of the operation", id.0),
        Bind::Literal(value) => format!("the constant {}", plain(value)),
        Bind::Auth(AuthValue::Claim(path), _) => format!("auth.claims.{}", path.join(".")),
        Bind::Auth(what, _) => format!("auth.{}", format!("{what:?}").to_lowercase()),
        Bind::Now => "now".to_owned(),
        Bind::Request(RequestValue::Ip) => "request.ip".to_owned(),
        Bind::Request(RequestValue::Header(name)) => format!("request.headers['{name}']"),
        Bind::Cell(_) => "a value of the row that is written".to_owned(),
        Bind::Key(n) => format!("part {n} of the key of the row that is written"),
    }
}

/// The authorised operation as text, with the conditions that rows must meet.
fn narrowed(schema: &Schema, authorized: &Authorized) -> String {
    let params = authorized.params().to_vec();
    match authorized.body() {
        AuthorizedBody::Read(read) => {
            bistro_ir::text::operation(schema, &Operation { body: Body::Read(read.clone()), params })
        }
        AuthorizedBody::Write(write) => {
            let (ty, action, returning) = (write.ty, write.action.clone(), write.returning.clone());
            let body = Body::Write(Write { ty, action, returning });
            let mut out = bistro_ir::text::operation(schema, &Operation { body, params });
            let judged = [
                ("create", &write.create),
                ("update row", &write.update_row),
                ("update new", &write.update_new),
            ];
            for (name, condition) in judged.into_iter().filter(|(_, c)| !c.is_true()) {
                out.push_str(&format!("\n{name}: {}", bistro_ir::text::expr(schema, write.ty, condition)));
            }
            for check in &write.checks {
                let condition = bistro_ir::text::expr(schema, write.ty, &check.condition);
                out.push_str(&format!("\ncheck {}: {condition}", check.name));
            }
            out
        }
    }
}
