//! The surface of one engine: from a request to its answer.

use std::sync::Arc;

use bistro_engine::{Context, Engine};
use bistro_ir::{Caller, CallerKind};
use bistro_problem::{Code, Problem};
use bistro_schema::{Roles, TypeId};
use bistro_wire::problem_reply::{problem_reply, problem_response, with_basic_challenge};
use bistro_wire::{Answer, Headers, Request, Response};
use bytes::Bytes;
use quick_cache::Weighter;
use quick_cache::sync::Cache;

use crate::authenticate::{Authenticate, Visit};
use crate::compile::{Compiler, Includes, Selection, Selections, inside};
use crate::describe::{About, Described, Operation, Verb};
use crate::envelope::{Element, Envelope, Version, decode};
use crate::fault::{self, Part};
use crate::http::{METHODS, check_action, content_type, no_key, shows_credentials};
use crate::limits::Limits;
use crate::run::{self, Finding};
use crate::security::{self, UserName};
use crate::sign_in::sign_in;

/// For how many sets of roles the described service is kept.
const DESCRIBED: usize = 64;
/// About how many selections are kept: types with included relations, for each set of roles.
const SELECTIONS: usize = 1_024;
/// The most members of rows that kept selections have together; callers choose what they include.
const MEMBERS: u64 = 64 << 10;

/// Choices of the SOAP surface.
#[derive(Clone, Debug)]
pub struct Options {
    /// What a request may ask for.
    pub limits: Limits,
    /// What the WSDL says besides the schema.
    pub about: About,
    /// Whether characters that XML cannot carry are replaced by U+FFFD; otherwise they are a fault.
    pub replaces: bool,
}

/// The SOAP surface of one engine. A changed schema makes a new engine, and so a new one of these.
pub struct Soap {
    engine: Arc<Engine>,
    options: Options,
    described: Cache<Roles, Arc<Described>>,
    /// By the one version that they have, if it is one, and whether they declare nils.
    wsdls: Cache<(Roles, Option<Version>, bool), Bytes>,
    selections: Cache<(Roles, TypeId, Includes), Arc<Selection>, Weight>,
    /// By the index of the key's set of fields too.
    findings: Cache<(Roles, TypeId, usize, Includes), Arc<Finding>, Weight>,
    authenticate: Arc<dyn Authenticate>,
    no_headers: Arc<[(String, String)]>,
}

/// One call of an operation: how it came, and how it is answered.
#[derive(Clone, Debug)]
pub(crate) struct Call {
    pub(crate) version: Version,
    pub(crate) action: Option<String>,
    pub(crate) cx: Context,
    pub(crate) visit: Visit,
}

impl Soap {
    /// The surface of an engine.
    pub fn new(engine: Arc<Engine>, options: Options, authenticate: Arc<dyn Authenticate>) -> Self {
        let described = Cache::new(DESCRIBED);
        let selections = Cache::with_weighter(SELECTIONS, MEMBERS, Weight);
        let (findings, no_headers) = (Cache::with_weighter(SELECTIONS, MEMBERS, Weight), Arc::default());
        let wsdls = Cache::new(DESCRIBED);
        Self { engine, options, described, wsdls, selections, findings, authenticate, no_headers }
    }

    pub(crate) fn engine(&self) -> &Arc<Engine> {
        &self.engine
    }

    pub(crate) fn options(&self) -> &Options {
        &self.options
    }

    /// The service that these roles see.
    pub fn described(&self, roles: Roles) -> Arc<Described> {
        if let Some(described) = self.described.get(&roles) {
            return described;
        }
        let described = Described::new(self.engine.view(roles), self.options.about.signs_in);
        let described = Arc::new(described);
        self.described.insert(roles, Arc::clone(&described));
        described
    }

    /// Answers a request at the address of the service.
    pub fn handle(self: &Arc<Self>, request: Request<'_>, caller: Caller) -> Answer {
        let anonymous = caller.kind == CallerKind::Anonymous;
        let answer = match request.method {
            "GET" | "HEAD" => self.page(&request, &caller),
            "POST" => self.post(&request, caller),
            "OPTIONS" => Ok(Response::new(204, "").header("allow", METHODS).into()),
            other => Err(Problem::new(Code::Method, format!("Unsupported HTTP method: {other}"))),
        };
        answer.unwrap_or_else(|problem| {
            let method = problem.code == Code::Method;
            let response = with_basic_challenge(problem_reply(problem, &request, anonymous));
            Answer::Now(if method { response.header("allow", METHODS) } else { response })
        })
    }

    /// The response to a request that is refused before it comes here, in the form of HTTP.
    pub fn refused(problem: Problem, headers: &dyn Headers, id: &str, anonymous: bool) -> Response {
        with_basic_challenge(problem_response(problem, headers, id, anonymous))
    }

    /// The WSDL for callers of these roles: of one version alone, or of both, and with nils declared or without.
    pub(crate) fn wsdl(&self, roles: Roles, only: Option<Version>, nillable: bool) -> Bytes {
        let key = (roles, only, nillable);
        self.wsdls.get(&key).unwrap_or_else(|| {
            let about = About { nillable, ..self.options.about.clone() };
            let made = Bytes::from(self.described(roles).wsdl(&about, only));
            self.wsdls.insert(key, made.clone());
            made
        })
    }

    /// An envelope. Errors: a request that is refused before its envelope is read.
    fn post(self: &Arc<Self>, request: &Request<'_>, caller: Caller) -> Result<Answer, Problem> {
        let (version, action) = content_type(request)?;
        let nobody = caller.kind == CallerKind::Anonymous && !shows_credentials(request.headers);
        let visit = Visit {
            ip: caller.ip,
            user_agent: request.headers.get("user-agent").map(str::to_owned),
            request: request.id.to_owned(),
            now: request.now,
            confidential: self.authenticate.is_confidential(request.headers, caller.ip),
        };
        let call = Arc::new(Call { version, action, cx: self.context(request, caller), visit });
        let read = decode(request.body).map_err(|problem| (Part::Body, problem)).and_then(|text| {
            let (token, payload) = self.outline(&text, &call)?;
            Ok(match token {
                None if nobody => Err(no_key()),
                None => Ok(self.call(&call, &payload)),
                Some(token) => Ok(self.identified(&call, token, request.body.clone())),
            })
        });
        read.unwrap_or_else(|(part, problem)| Ok(self.fault_of(part, problem, &call).into()))
    }

    /// Who an envelope says that it comes from, and the element of its body.
    fn outline<'x>(
        &self,
        text: &'x str,
        call: &Call,
    ) -> Result<(Option<UserName>, Element<'x>), (Part, Problem)> {
        let envelope = Envelope::read(text, call.version, self.namespace());
        let Envelope { security, payload } = envelope.map_err(|problem| match problem.code {
            Code::SoapHeader | Code::SecurityHeader => (Part::Header, problem),
            _ => (Part::Body, problem),
        })?;
        let token = security.map(|block| security::user_name(&block, call.visit.now)).transpose();
        Ok((token.map_err(|problem| (Part::Header, problem))?.flatten(), payload))
    }

    /// A call whose envelope names the caller. While that is judged its bytes wait and are read again, since its elements take
    /// more room: strangers can make many wait.
    fn identified(self: &Arc<Self>, call: &Arc<Call>, token: UserName, body: Bytes) -> Answer {
        let (soap, call) = (Arc::clone(self), Arc::clone(call));
        Answer::later(async move {
            if !call.visit.confidential {
                let message = "A UsernameToken is not taken over plain HTTP, where others can read it";
                let problem = Problem::new(Code::SecurityToken, message)
                    .hint("Use https, or a listed proxy that does; see server.proxies.");
                return soap.fault_of(Part::Header, problem, &call);
            }
            let caller = match soap.authenticate.user_name(token, call.visit.clone()).await {
                Ok(caller) => caller,
                Err(problem) => return soap.fault_of(Part::Header, problem, &call),
            };
            let mut call = Call::clone(&call);
            call.cx.caller = caller;
            let answer = decode(&body).and_then(|text| {
                let envelope = Envelope::read(&text, call.version, soap.namespace())?;
                Ok(soap.call(&Arc::new(call.clone()), &envelope.payload))
            });
            match answer {
                Ok(answer) => answer.wait().await,
                Err(problem) => soap.fault(problem, &call),
            }
        })
    }

    /// A call of somebody who is known.
    fn call(self: &Arc<Self>, call: &Arc<Call>, payload: &Element<'_>) -> Answer {
        match self.try_call(call, payload) {
            Ok(answer) => answer,
            Err(problem) => self.fault(problem, call).into(),
        }
    }

    fn try_call(self: &Arc<Self>, call: &Arc<Call>, payload: &Element<'_>) -> Result<Answer, Problem> {
        let described = self.described(call.cx.caller.roles);
        let operation = described.asked(payload, self.namespace())?;
        check_action(call.action.as_deref(), self.namespace(), &operation.name)?;
        if operation.verb == Verb::SignIn {
            return sign_in(self, &*self.authenticate, Arc::clone(call), (operation, payload));
        }
        let selections = Kept { roles: call.cx.caller.roles, cache: &self.selections };
        let compiler =
            Compiler { described: &described, limits: &self.options.limits, selections: &selections };
        if operation.verb == Verb::Get {
            return self.find(call, operation, &compiler, payload);
        }
        let compiled = compiler.compile(operation.verb, operation.ty, payload)?;
        let answer = run::run(self, Arc::clone(call), operation, compiled);
        answer.map_err(|problem| inside(problem, &operation.name))
    }

    /// Finds one row: what is asked most, so that only the values of its key are made anew.
    fn find(
        self: &Arc<Self>,
        call: &Arc<Call>,
        operation: &Operation,
        compiler: &Compiler<'_>,
        payload: &Element<'_>,
    ) -> Result<Answer, Problem> {
        let (roles, ty) = (call.cx.caller.roles, operation.ty);
        let within = |problem| inside(problem, &operation.name);
        let wanted = compiler.wanted(payload, ty).map_err(within)?;
        let key = (roles, ty, wanted.set, wanted.includes.clone());
        let finding = match self.findings.get(&key) {
            Some(finding) => finding,
            None => {
                let (asked, selection) = compiler.one(ty, &wanted);
                let ready = self.engine.ready(roles, &asked).map_err(within)?;
                let finding = Arc::new(Finding { ready, selection });
                self.findings.insert(key, Arc::clone(&finding));
                finding
            }
        };
        Ok(run::find(self, Arc::clone(call), operation, &finding, wanted.key))
    }

    /// The fault that a call is answered with.
    pub(crate) fn fault(&self, problem: Problem, call: &Call) -> Response {
        self.fault_of(Part::Body, problem, call)
    }

    fn fault_of(&self, part: Part, problem: Problem, call: &Call) -> Response {
        fault::response(problem, part, call.version, (self.namespace(), &call.visit.request))
    }

    pub(crate) fn namespace(&self) -> &str {
        &self.options.about.namespace
    }

    /// The context of a caller's request: its time, and the headers that rules read.
    fn context(&self, request: &Request<'_>, caller: Caller) -> Context {
        let wanted = self.engine.rule_headers();
        let value = |name: &String| Some((name.clone(), request.headers.get(name)?.to_owned()));
        let headers = match wanted.is_empty() {
            true => Arc::clone(&self.no_headers),
            false => wanted.iter().filter_map(value).collect(),
        };
        Context { caller, now: request.now, headers }
    }
}

/// Weighs by the members of rows.
#[derive(Clone, Debug)]
struct Weight;

impl<K> Weighter<K, Arc<Selection>> for Weight {
    fn weight(&self, _: &K, selection: &Arc<Selection>) -> u64 {
        selection.weight()
    }
}

impl<K> Weighter<K, Arc<Finding>> for Weight {
    fn weight(&self, _: &K, finding: &Arc<Finding>) -> u64 {
        finding.selection.weight()
    }
}

/// Selections of callers of one set of roles.
struct Kept<'c> {
    roles: Roles,
    cache: &'c Cache<(Roles, TypeId, Includes), Arc<Selection>, Weight>,
}

impl Selections for Kept<'_> {
    fn find(&self, ty: TypeId, includes: &Includes, make: &dyn Fn() -> Selection) -> Arc<Selection> {
        let key = (self.roles, ty, includes.clone());
        if let Some(found) = self.cache.get(&key) {
            return found;
        }
        let made = Arc::new(make());
        self.cache.insert(key, Arc::clone(&made));
        made
    }
}
