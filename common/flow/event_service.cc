#include <map>
#include <memory>
#include <set>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/base/status.h"
#include "common/flow/event_pages.h"
#include "common/flow/flow.h"
#include "common/flow/live_stream.h"
#include "common/rpc/pages.h"
#include "common/rules/times.h"

namespace makegood::flow {
namespace {

using events::v1::ListStuckRequest;
using events::v1::ListStuckResponse;
using events::v1::RetryAllStuckRequest;
using events::v1::RetryAllStuckResponse;
using events::v1::RetryStuckRequest;
using events::v1::RetryStuckResponse;
using events::v1::SubscribeRequest;
using events::v1::SubscribeResponse;

constexpr int kStuckPage = 500;
constexpr int kMostRetried = 1'000;  // in one commit
constexpr size_t kMaxListsWaiting = 1'000;

absl::StatusOr<std::vector<uint64_t>> PositionsOf(const SubscribeRequest& request, uint32_t parts) {
  std::vector<uint64_t> after(parts, 0);
  std::set<uint32_t> named;
  std::vector<FieldViolation> violations;
  for (int i = 0; i < request.after_size(); ++i) {
    const events::v1::Position& position = request.after(i);
    const std::string field = absl::StrCat("after[", i, "].part");
    if (position.part() >= parts) {
      violations.push_back({field, absl::StrCat("is not below ", parts)});
    } else if (!named.insert(position.part()).second) {
      violations.push_back({field, "is named twice"});
    } else {
      after[position.part()] = position.sequence();
    }
  }
  if (!violations.empty()) return InvalidFields(violations);
  return after;
}

// Of a list, and of what is tried again.
template <typename Request>
store::StuckQuery Which(const Request& request) {
  store::StuckQuery query;
  query.kind = request.kind();
  if (request.has_before()) query.before = rules::ToTime(request.before());
  return query;
}

void Add(const store::StuckItem& item, ListStuckResponse& reply) {
  events::v1::Stuck& stuck = *reply.add_stuck();
  stuck.set_stuck_id(item.stuck_id);
  stuck.set_kind(item.kind);
  stuck.set_error(item.error);
  stuck.set_attempts(item.attempts);
  *stuck.mutable_time() = rules::ToTimestamp(item.time);
}

class EventServiceImpl final : public EventFeed {
 public:
  EventServiceImpl(const std::map<std::string, store::Store*>& stores, const rules::PolicyBook& policies,
                   std::shared_ptr<rpc::Shares> shares)
      : policies_(policies), streams_(std::move(shares)) {
    for (const auto& [name, store] : stores) {
      auto source =
          std::make_shared<EventSource>(*store, [this](auto waiters) { streams_.Wake(std::move(waiters)); });
      store->AddCommitListener([source](const store::Committed& committed) { source->Note(committed); });
      sources_.emplace(name, std::move(source));
    }
  }

  ~EventServiceImpl() override {
    for (const auto& [name, source] : sources_) source->Close();
  }

  void EndStreams() override { streams_.EndStreams(); }

  grpc::ServerWriteReactor<SubscribeResponse>* Subscribe(grpc::CallbackServerContext* context,
                                                         const SubscribeRequest* request) override {
    return streams_.Open(*context, *request, [&](const base::v1::Actor&) { return PagesOf(*request); });
  }

  grpc::ServerUnaryReactor* ListStuck(grpc::CallbackServerContext* context, const ListStuckRequest* request,
                                      ListStuckResponse* reply) override {
    grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
    const rpc::Call call(*context, *ListStuckRequest::descriptor());
    const absl::StatusOr<std::pair<EventSource*, store::StuckQuery>> asked = Asked(*context, *request);
    if (!asked.ok()) {
      reactor->Finish(call.Close(asked.status()));
      return reactor;
    }
    RunOnWorker(reactor, call, [source = asked->first, query = asked->second, request, reply] {
      return ListPage(source->store(), *request, query, *reply);
    });
    return reactor;
  }

  grpc::ServerUnaryReactor* RetryStuck(grpc::CallbackServerContext* context, const RetryStuckRequest* request,
                                       RetryStuckResponse* reply) override {
    grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
    const rpc::Call call(*context, *RetryStuckRequest::descriptor());
    const absl::StatusOr<base::v1::Actor> actor = rpc::PassGates(*context, *request);
    const absl::StatusOr<EventSource*> source = SourceOf(request->source());
    if (!actor.ok() || !source.ok()) {
      reactor->Finish(call.Close(actor.ok() ? source.status() : actor.status()));
      return reactor;
    }
    const rpc::Environment environment{(*source)->store(), policies_, clock_};
    store::Work work =
        rpc::CommandWork(environment, *actor, *request, request->command(), request->stuck_id());
    work.retry_stuck = request->stuck_id();
    work.decide = [reply](rules::Transaction&) { return reply->SerializeAsString(); };
    (*source)->store().Submit(std::move(work), [reactor, call](const absl::StatusOr<std::string>& kept) {
      reactor->Finish(call.Close(kept.status()));
    });
    return reactor;
  }

  grpc::ServerUnaryReactor* RetryAllStuck(grpc::CallbackServerContext* context,
                                          const RetryAllStuckRequest* request,
                                          RetryAllStuckResponse* reply) override {
    grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
    const rpc::Call call(*context, *RetryAllStuckRequest::descriptor());
    const absl::StatusOr<base::v1::Actor> actor = rpc::PassGates(*context, *request);
    const absl::StatusOr<EventSource*> source = SourceOf(request->source());
    if (!actor.ok() || !source.ok()) {
      reactor->Finish(call.Close(actor.ok() ? source.status() : actor.status()));
      return reactor;
    }
    store::Store& store = (*source)->store();
    RunOnWorker(reactor, call, [&store, retry = BulkOf(store, *actor, *request), reply]() -> absl::Status {
      ASSIGN_OR_RETURN(const std::string kept, store.RetryStuck(retry));
      return reply->ParseFromString(kept) ? absl::OkStatus()
                                          : absl::DataLossError("a kept reply cannot be read");
    });
    return reactor;
  }

 private:
  // Finishes the call with what `job` says; it may block for an I/O.
  void RunOnWorker(grpc::ServerUnaryReactor* reactor, const rpc::Call& call,
                   std::function<absl::Status()> job) {
    const auto run = [reactor, call, job = std::move(job)] { reactor->Finish(call.Close(Contained(job))); };
    if (!streams_.worker().TryRun(run, kMaxListsWaiting)) {
      reactor->Finish(call.Close(absl::ResourceExhaustedError("too many such calls wait already")));
    }
  }

  // What a page of stuck things is to be read from, and which.
  absl::StatusOr<std::pair<EventSource*, store::StuckQuery>> Asked(const grpc::CallbackServerContext& context,
                                                                   const ListStuckRequest& request) const {
    RETURN_IF_ERROR(rpc::PassGates(context, request).status());
    ASSIGN_OR_RETURN(EventSource* const source, SourceOf(request.source()));
    store::StuckQuery query = Which(request);
    query.limit = kStuckPage;
    RETURN_IF_ERROR(rpc::SetPage(request, query.limit, query.after));
    return std::pair(source, std::move(query));
  }

  static absl::Status ListPage(store::Store& store, const ListStuckRequest& request,
                               const store::StuckQuery& query, ListStuckResponse& reply) {
    ASSIGN_OR_RETURN(const std::vector<store::StuckItem> items, store.ListStuck(query));
    for (const store::StuckItem& item : items) Add(item, reply);
    if (static_cast<int>(items.size()) == query.limit) {
      reply.set_next_page_token(rpc::PageToken(request, {items.back().time, items.back().stuck_id}));
    }
    return absl::OkStatus();
  }

  store::BulkRetry BulkOf(store::Store& store, const base::v1::Actor& actor,
                          const RetryAllStuckRequest& request) const {
    const rpc::Environment environment{store, policies_, clock_};
    const store::Work command =
        rpc::CommandWork(environment, actor, request, request.command(), request.source());
    store::BulkRetry retry;
    retry.which = Which(request);
    retry.which.limit = kMostRetried;
    retry.routing_key = command.routing_key;
    retry.replay = command.replay;
    retry.validate_only = command.validate_only;
    retry.reply = [](int64_t retried, int64_t left) {
      RetryAllStuckResponse reply;
      reply.set_retried(retried);
      reply.set_left(left);
      return reply.SerializeAsString();
    };
    return retry;
  }

  absl::StatusOr<EventSource*> SourceOf(const std::string& name) const {
    const auto found = sources_.find(name);
    if (found == sources_.end()) return NotFound("event source", name);
    return found->second.get();
  }

  absl::StatusOr<EventPages> PagesOf(const SubscribeRequest& request) const {
    ASSIGN_OR_RETURN(EventSource* const source, SourceOf(request.source()));
    if (!request.epoch().empty() && request.epoch() != source->store().epoch()) {
      return WithRule(
          absl::AbortedError(absl::StrCat("SYS-11: the epoch of ", request.source(), " is now ",
                                          source->store().epoch(), ": its database was restored")),
          "SYS-11");
    }
    ASSIGN_OR_RETURN(std::vector<uint64_t> after, PositionsOf(request, source->store().parts()));
    ASSIGN_OR_RETURN(EventFilter filter, FilterOf(request));
    return EventPages(sources_.find(request.source())->second, std::move(after), std::move(filter));
  }

  const rules::PolicyBook& policies_;
  const SystemClock clock_;
  std::map<std::string, std::shared_ptr<EventSource>> sources_;  // fixed once made
  LiveStreams<EventPages> streams_;                              // last: its thread uses all of the above
};

}  // namespace

std::unique_ptr<EventFeed> MakeEventService(const std::map<std::string, store::Store*>& stores,
                                            const rules::PolicyBook& policies,
                                            std::shared_ptr<rpc::Shares> shares) {
  return std::make_unique<EventServiceImpl>(stores, policies, std::move(shares));
}

}  // namespace makegood::flow
