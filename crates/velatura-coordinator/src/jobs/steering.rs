//! A job is steered while it runs, and done again when it has ended.

use velatura_ledger::TaskFilter;
use velatura_proto::{to_json, v1};

use super::{Jobs, bad_cursor, page_limit, view, wanted_state};
use crate::access::audit::audited;
use crate::access::{Caller, Role};
use crate::context::{now, request};
use crate::error::ApiError;
use crate::submission::{Refusal, Submission, terms};

/// More codes than there are.
const MOST_CODES: usize = 100;

impl Jobs {
    pub(crate) async fn get(&self, caller: &Caller, id: &str) -> Result<v1::Job, ApiError> {
        let job = self.job(caller, Role::Read, id).await?;
        let errors = self.context.ledger.errors(job.id).await?;
        Ok(v1::Job {
            errors: errors.into_iter().map(view::error_count).collect(),
            ..view::job(&self.context, &job)
        })
    }

    /// A job's tasks by state, code and the beginning of their keys.
    pub(crate) async fn tasks(
        &self,
        caller: &Caller,
        request: &v1::ListTasksRequest,
    ) -> Result<v1::ListTasksResponse, ApiError> {
        let job = self.job(caller, Role::Read, &request.id).await?;
        let limit = page_limit(request.limit)?;
        let from = match request.cursor.as_str() {
            "" => 0,
            cursor => cursor.parse().map_err(|_| bad_cursor())?,
        };
        let given = |text: &String| (!text.is_empty()).then(|| text.clone());
        let filter = TaskFilter {
            state: wanted_state(request.state)?,
            code: given(&request.code),
            key_prefix: given(&request.key_prefix),
        };
        let page = self.context.ledger.find(job.id, &filter, from, limit).await?;
        let submission = self.context.submission(&job)?;
        let tasks = page.tasks.into_iter();
        Ok(v1::ListTasksResponse {
            next_cursor: page.next.map(|next| next.to_string()).unwrap_or_default(),
            tasks: tasks.map(|task| view::task(Some(&submission), &job, task)).collect(),
        })
    }

    /// Changes a job's priority, share or limit.
    pub(crate) async fn update(&self, caller: &Caller, request: &v1::UpdateJobRequest) -> Result<v1::Job, ApiError> {
        let new = terms::read_changes(request)?;
        let update = async |id| self.context.ledger.set_terms(id, &new).await;
        self.steer(caller, "job.update", &request.id, update).await
    }

    /// Tries failed tasks anew, all or by code.
    pub(crate) async fn retry_failed(
        &self,
        caller: &Caller,
        request: &v1::RetryFailedRequest,
    ) -> Result<v1::Job, ApiError> {
        if request.codes.len() > MOST_CODES {
            let message = format!("at most {MOST_CODES} codes can be given: leave them out to retry everything");
            return Err(Refusal::new("codes-too-many", "codes", message).into());
        }
        let retry = async |id| self.context.ledger.retry_failed(id, &request.codes, now()).await;
        self.steer(caller, "job.retry", &request.id, retry).await
    }

    /// Paints all photos of a job in more recipes. What was painted is found and skipped.
    pub(crate) async fn add_recipes(
        &self,
        caller: &Caller,
        wanted: v1::AddRecipesRequest,
    ) -> Result<v1::Job, ApiError> {
        let id = wanted.id.clone();
        let added = async {
            let job = self.job(caller, Role::Submit, &wanted.id).await?;
            if wanted.recipes.is_empty() {
                return Err(Refusal::new("recipes-missing", "recipes", "name at least one recipe to add").into());
            }
            let mut request = request(&job)?;
            request.recipes.extend(wanted.recipes);
            let submission = Submission::read(&request, usize::MAX)?;
            submission.check_access(caller)?;
            submission.check_stores(&self.context.stores)?;
            let text = String::from_utf8(to_json(&request)).expect("JSON is UTF-8");
            let job = self.context.ledger.revise(job.id, job.revision, &text, now()).await?;
            Ok(self.settled(&job).await)
        };
        audited(caller, "job.add-recipes", &id, added).await
    }
}
