#include "services/orders/work_reads.h"

#include <algorithm>
#include <vector>

#include "common/base/ids.h"
#include "common/base/status.h"
#include "common/rpc/pages.h"
#include "common/rules/times.h"
#include "common/rules/work/work_rules.h"
#include "common/rules/work/work_table.h"

namespace makegood::services {
namespace {

using base::v1::Actor;
using base::v1::WorkKind;
using base::v1::WorkTurn;
using orders::v1::ListWorkRequest;
using orders::v1::ListWorkResponse;
using orders::v1::StreamWorkRequest;
using rules::AssignedWork;
using rules::Work;

constexpr int kStreamPage = 100;
constexpr int kMostEmptyPages = 20;  // passed over within one call

template <typename Values>
bool OneOf(const Values& values, int value) {
  return values.empty() || std::find(values.begin(), values.end(), value) != values.end();
}

// Of the filters those that no index knows, and those that the stream asks of single pieces.
template <typename Request>
bool IsAskedFor(const Work& work, const Request& request, const Actor& actor) {
  return OneOf(request.turns(), work.item().turn()) && OneOf(request.kinds(), work.item().kind()) &&
         (request.marketplace().empty() || work.policy().marketplace() == request.marketplace()) &&
         (request.order_id().empty() || work.order_id() == request.order_id()) &&
         (request.merchant_id().empty() || work.merchant_id() == request.merchant_id()) &&
         (!request.doable_only() || rules::MayDo(actor.role(), work.item()));
}

// What Operations have put off waits for whose turn it is all the same.
bool IsListed(const Work& work, const ListWorkRequest& request, const Actor& actor, absl::Time now) {
  const bool later =
      rpc::ReadsAll(actor) && work.has_put_off_until_time() && rules::ToTime(work.put_off_until_time()) > now;
  return IsAskedFor(work, request, actor) && (!later || request.with_put_off() || request.overdue_only()) &&
         (request.assignee().empty() || work.assignee() == request.assignee()) &&
         (!request.unassigned_only() || work.assignee().empty());
}

// Every turn and kind that is asked for; none where all are.
std::vector<std::string> GroupsOf(const ListWorkRequest& request) {
  if (request.turns().empty() && request.kinds().empty()) return {};
  std::vector<std::string> groups;
  for (const auto& [turn, kind] : rules::TurnsAndKinds()) {
    if (OneOf(request.turns(), turn) && OneOf(request.kinds(), kind)) {
      groups.push_back(rules::WorkGroup(turn, kind));
    }
  }
  // Of a turn that never has that kind there is nothing, which is not everything.
  if (groups.empty()) {
    groups.push_back(rules::WorkGroup(base::v1::WORK_TURN_UNSPECIFIED, base::v1::WORK_KIND_UNSPECIFIED));
  }
  return groups;
}

store::ListQuery QueryOf(const ListWorkRequest& request, absl::Time now) {
  store::ListQuery query;
  query.order = store::ListOrder::kMostUrgentFirst;
  query.open_at = request.marketplace();
  rpc::SetDueFilters(request, now, query);
  return query;
}

// Whose own are asked for: a courier's (ROL-11), or those of somebody of Operations; empty where all are.
std::string Whose(const ListWorkRequest& request, const Actor& actor) {
  if (actor.role() == base::v1::ROLE_COURIER) return rules::CouriersWork(actor.actor_id());
  return request.order_id().empty() && rpc::ReadsAll(actor) ? request.assignee() : "";
}

// Under a person's own name there is nothing but what they have.
absl::StatusOr<std::string> OwnPage(const std::string& whose, const ListWorkRequest& request,
                                    const Actor& actor, absl::Time now, store::Reader& reader,
                                    ListWorkResponse& response) {
  store::ListQuery query = QueryOf(request, now);
  query.groups = {whose};
  google::protobuf::RepeatedPtrField<AssignedWork> page;
  ASSIGN_OR_RETURN(
      std::string next,
      rpc::ListPage<AssignedWork>(
          reader, std::move(query), request, page, [](AssignedWork&) { return absl::OkStatus(); },
          [&](const AssignedWork& one) { return IsListed(one.work(), request, actor, now); }));
  for (AssignedWork& one : page) *response.add_work() = std::move(*one.mutable_work());
  return next;
}

absl::StatusOr<std::string> Page(const ListWorkRequest& request, const Actor& actor, absl::Time now,
                                 store::Reader& reader, ListWorkResponse& response) {
  store::ListQuery query = QueryOf(request, now);
  rpc::SetFilters(request, query);
  RETURN_IF_ERROR(rpc::LimitToOwn(actor, query));
  if (query.order_id.empty() && query.customer_id.empty()) query.groups = GroupsOf(request);
  return rpc::ListPage<Work>(
      reader, std::move(query), request, *response.mutable_work(), [](Work&) { return absl::OkStatus(); },
      [&](const Work& work) { return IsListed(work, request, actor, now); });
}

ListWorkRequest AsList(const StreamWorkRequest& request) {
  ListWorkRequest list;
  *list.mutable_turns() = request.turns();
  *list.mutable_kinds() = request.kinds();
  list.set_marketplace(request.marketplace());
  list.set_order_id(request.order_id());
  list.set_merchant_id(request.merchant_id());
  list.set_doable_only(request.doable_only());
  list.set_with_put_off(true);
  list.set_page_size(kStreamPage);
  return list;
}

}  // namespace

absl::StatusOr<ListWorkResponse> WorkReads::ListWork(const ListWorkRequest& request, const Actor& actor,
                                                     store::Reader& reader) const {
  const absl::Time now = environment_.clock.Now();
  const std::string whose = Whose(request, actor);
  ListWorkResponse response;
  ListWorkRequest page = request;
  for (int passed = 0; passed < kMostEmptyPages; ++passed) {
    ASSIGN_OR_RETURN(const std::string next, whose.empty()
                                                 ? Page(page, actor, now, reader, response)
                                                 : OwnPage(whose, page, actor, now, reader, response));
    response.set_next_page_token(next);
    if (!response.work().empty() || next.empty()) break;
    page.set_page_token(next);
  }
  for (Work& work : *response.mutable_work()) rules::CompleteWork(actor, now, work);
  return response;
}

absl::StatusOr<Work> WorkReads::GetWork(const orders::v1::GetWorkRequest& request, const Actor& actor,
                                        store::Reader& reader) const {
  ASSIGN_OR_RETURN(
      Work work,
      rpc::GetRecord<Work>(reader, PartOf(request.work_id(), environment_.store.parts()), request.work_id()));
  RETURN_IF_ERROR(rules::CheckWorkScope(work, actor));
  rules::CompleteWork(actor, environment_.clock.Now(), work);
  return work;
}

absl::StatusOr<flow::WatchedPage<Work>> WorkReads::ReadPage(const StreamWorkRequest& request,
                                                            const Actor& actor, store::Reader& reader,
                                                            const std::string& token) const {
  ListWorkRequest list = AsList(request);
  list.set_page_token(token);
  ASSIGN_OR_RETURN(ListWorkResponse response, ListWork(list, actor, reader));
  flow::WatchedPage<Work> page;
  for (Work& work : *response.mutable_work()) page.messages.push_back(std::move(work));
  page.next = response.next_page_token();
  return page;
}

absl::StatusOr<std::optional<Work>> WorkReads::ReadOne(const StreamWorkRequest& request, const Actor& actor,
                                                       store::Reader& reader,
                                                       const std::string& work_id) const {
  orders::v1::GetWorkRequest get;
  get.set_work_id(work_id);
  absl::StatusOr<Work> work = GetWork(get, actor, reader);
  if (absl::IsPermissionDenied(work.status())) return std::nullopt;
  if (!work.ok()) return std::move(work).status();
  if (!IsAskedFor(*work, request, actor)) return std::nullopt;
  return *std::move(work);
}

}  // namespace makegood::services
