//! Which indexes would help the shapes that cost most, tried with the store's own planner.

use bistro_ir::Operation;
use bistro_plan::{Candidate, Limits, PlanBody};
use bistro_schema::Roles;
use bistro_store::{Select, Statement, Tried};

use crate::engine::Engine;

/// An index that would help, for the shapes that it would help.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Advice {
    /// The type's name in the schema file.
    pub ty: String,
    /// The fields of the index.
    pub fields: Vec<String>,
    /// What the store's planner says of it, or why it could not be asked.
    pub tried: Result<Tried, String>,
    /// The operations that it helps, as text.
    pub operations: Vec<String>,
}

impl Engine {
    /// The indexes that would help the dearest shapes: at most so many shapes of at least so many calls are looked at.
    /// Indexes that the store's planner would not use are left out.
    pub async fn advise(&self, shapes: usize, calls: u64) -> Vec<Advice> {
        let mut found: Vec<(Candidate, Advice)> = Vec::new();
        let dear = self.shapes().into_iter().filter(|s| s.calls >= calls).take(shapes);
        let dear: Vec<(String, Roles)> = dear.map(|s| (s.operation, s.roles)).collect();
        for ((operation, roles), _) in self.plans() {
            let text = bistro_ir::text::operation(self.schema(), &operation);
            if !dear.contains(&(text.clone(), roles)) {
                continue;
            }
            for select in self.selects(roles, &operation) {
                for candidate in bistro_plan::candidates(self.schema(), &select) {
                    match found.iter_mut().find(|(known, _)| *known == candidate) {
                        Some((_, advice)) if advice.operations.contains(&text) => {}
                        Some((_, advice)) => advice.operations.push(text.clone()),
                        None => {
                            let Some(tried) = self.try_index(&select, &candidate).await else { continue };
                            found.push((candidate.clone(), self.advice(&candidate, tried, text.clone())));
                        }
                    }
                }
            }
        }
        found.into_iter().map(|(_, advice)| advice).collect()
    }

    /// What the store's planner says; `None` where it would not use the index.
    async fn try_index(&self, select: &Select, candidate: &Candidate) -> Option<Result<Tried, String>> {
        let prepared = self.store.prepare(&Statement::Select(select.clone())).ok()?;
        match self.store.try_index(&prepared, candidate.ty, &candidate.fields).await {
            Ok(tried) => tried.used.then_some(Ok(tried)),
            Err(error) => Some(Err(error.cause)),
        }
    }

    fn advice(&self, candidate: &Candidate, tried: Result<Tried, String>, operation: String) -> Advice {
        let ty = self.schema().ty(candidate.ty);
        let fields = candidate.fields.iter().map(|f| ty.field(*f).name.clone()).collect();
        Advice { ty: ty.name.clone(), fields, tried, operations: vec![operation] }
    }

    /// The selects of an operation's plan: its read, or how a write finds its rows.
    fn selects(&self, roles: Roles, operation: &Operation) -> Vec<Select> {
        let Ok(authorized) = bistro_policy::authorize(&self.rules, roles, operation) else {
            return Vec::new();
        };
        let limits = Limits { embed_rows: self.options.embed_rows, embed_depth: self.options.embed_depth };
        let plan = bistro_plan::plan(&self.rules, &authorized, self.store.capabilities(), &limits);
        match plan.map(|p| p.body) {
            Ok(PlanBody::Read(select)) => vec![*select],
            Ok(PlanBody::Write(write)) => match write.step {
                bistro_plan::WriteStep::Update { find, .. } | bistro_plan::WriteStep::Delete { find, .. } => {
                    vec![find]
                }
                bistro_plan::WriteStep::Insert { upsert, .. } => {
                    upsert.into_iter().map(|u| u.probe).collect()
                }
            },
            Err(_) => Vec::new(),
        }
    }
}
