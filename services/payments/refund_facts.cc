#include "services/payments/refund_facts.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/status.h"
#include "common/rpc/channels.h"
#include "common/rules/scope.h"
#include "services/host/fetch_order.h"

namespace makegood::services {
namespace {

using claims::v1::ClaimsService;
using ClaimsAsync = ClaimsService::StubInterface::async_interface;
using rules::CaseFacts;
using MaybeCase = std::optional<CaseFacts>;

// What claims says of the case, as money sees it.
template <typename Request, typename Case>
rpc::Fetch<MaybeCase> FetchCase(ClaimsService::StubInterface& claims,
                                void (ClaimsAsync::*method)(grpc::ClientContext*, const Request*, Case*,
                                                            std::function<void(grpc::Status)>),
                                Request request) {
  rpc::Fetch<Case> fetch =
      AnsweredBy<Case>("claims", rpc::FetchUnary(*claims.async(), method, std::move(request),
                                                 rules::ServiceActor("payments"), absl::Seconds(5)));
  return [fetch = std::move(fetch)](absl::AnyInvocable<void(absl::StatusOr<MaybeCase>)> done) {
    fetch([done = std::move(done)](absl::StatusOr<Case> found) mutable {
      if (found.ok()) return done(MaybeCase(rules::FactsOf(*found)));
      if (absl::IsNotFound(found.status())) return done(Refusal("RFD-09", "there is no such case"));
      done(found.status());
    });
  };
}

rpc::Fetch<MaybeCase> FetchCaseOf(ClaimsService::StubInterface& claims,
                                  const payments::v1::GrantRefundRequest& request) {
  if (!request.case_id().empty() && request.reason() == base::v1::REFUND_REASON_CLAIM) {
    claims::v1::GetClaimRequest wanted;
    wanted.set_claim_id(request.case_id());
    return FetchCase(claims, &ClaimsAsync::GetClaim, std::move(wanted));
  }
  if (!request.case_id().empty() && request.reason() == base::v1::REFUND_REASON_WITHDRAWAL) {
    claims::v1::GetWithdrawalRequest wanted;
    wanted.set_withdrawal_id(request.case_id());
    return FetchCase(claims, &ClaimsAsync::GetWithdrawal, std::move(wanted));
  }
  return [](absl::AnyInvocable<void(absl::StatusOr<MaybeCase>)> done) { done(MaybeCase()); };
}

}  // namespace

// The case first: the order that it is read with afterwards is at least as new.
rpc::Fetch<rules::RefundFacts> FetchRefundFacts(orders::v1::OrdersService::StubInterface& orders,
                                                ClaimsService::StubInterface& claims,
                                                const payments::v1::GrantRefundRequest& request) {
  using Both = std::pair<MaybeCase, orders::v1::Order>;
  rpc::Fetch<Both> fetch = rpc::FetchThen<MaybeCase, orders::v1::Order>(
      FetchCaseOf(claims, request), [&orders, order_id = request.order_id()](const MaybeCase&) {
        return absl::StatusOr<rpc::Fetch<orders::v1::Order>>(FetchOrder(orders, "payments", order_id));
      });
  return [fetch = std::move(fetch)](absl::AnyInvocable<void(absl::StatusOr<rules::RefundFacts>)> done) {
    fetch([done = std::move(done)](absl::StatusOr<Both> both) mutable {
      if (!both.ok()) return done(both.status());
      done(rules::RefundFacts{std::move(both->second), std::move(both->first)});
    });
  };
}

}  // namespace makegood::services
