#include "services/orders/number_binder.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "common/base/ids.h"
#include "common/base/status.h"
#include "common/rpc/channels.h"
#include "common/rules/orders/order_records.h"
#include "common/rules/policy/return_number.h"
#include "common/rules/scope.h"
#include "common/rules/times.h"
#include "services/host/fetch_order.h"

namespace makegood::services {
namespace {

using claims::v1::ListClaimsRequest;
using claims::v1::ListClaimsResponse;
using claims::v1::ListWithdrawalsRequest;
using claims::v1::ListWithdrawalsResponse;
using orders::v1::BindReturnNumberRequest;
using orders::v1::Order;
using orders::v1::ReturnNumber;
using rules::NumberInUse;
using Async = claims::v1::ClaimsService::StubInterface::async_interface;

constexpr int kMostCases = 1000;

// The number of another order that may be bound anew, and what our own store says of its use.
struct Found {
  std::string order_id;  // empty: there is nothing to find out
  NumberInUse in_use;
};

template <typename M>
absl::StatusOr<std::optional<M>> FindNow(store::Reader& reader, const std::string& key, uint32_t parts) {
  absl::StatusOr<M> found = rpc::GetRecord<M>(reader, PartOf(key, parts), key);
  if (absl::IsNotFound(found.status())) return std::optional<M>();
  RETURN_IF_ERROR(found.status());
  return std::optional<M>(*std::move(found));
}

absl::StatusOr<Found> FindOwn(const BindReturnNumberRequest& binding, absl::Time now, uint32_t parts,
                              store::Reader& reader) {
  Found found;
  ASSIGN_OR_RETURN(const std::optional<ReturnNumber> number,
                   FindNow<ReturnNumber>(reader, rules::ReturnNumberKey(binding), parts));
  if (!number.has_value() || number->order_id() == binding.order_id() ||
      !rules::MayBeBoundAnew(rules::ToTime(number->update_time()), now)) {
    return found;
  }
  ASSIGN_OR_RETURN(const std::optional<Order> order, FindNow<Order>(reader, number->order_id(), parts));
  found.in_use.version = number->version();
  found.in_use.has_paper =
      order.has_value() && order->correction().return_number() == binding.return_number();
  if (!found.in_use.has_paper) found.order_id = number->order_id();
  return found;
}

// A page of cases that is not all of them may lack the one.
template <typename Cases>
bool HasPaper(const Cases& cases, const std::string& next_page_token, const std::string& number) {
  return !next_page_token.empty() || std::any_of(cases.begin(), cases.end(), [&](const auto& one) {
    return one.return_number() == number;
  });
}

}  // namespace

rpc::Fetch<bool> NumberBinder::FetchPaper(const std::string& order_id, const std::string& number) const {
  ListClaimsRequest claims;
  claims.set_order_id(order_id);
  claims.set_page_size(kMostCases);
  ListWithdrawalsRequest withdrawals;
  withdrawals.set_order_id(order_id);
  withdrawals.set_page_size(kMostCases);
  const base::v1::Actor self = rules::ServiceActor("orders");
  const rpc::Fetch<std::pair<ListClaimsResponse, ListWithdrawalsResponse>> cases = AnsweredBy(
      "claims", rpc::FetchThen<ListClaimsResponse, ListWithdrawalsResponse>(
                    rpc::FetchUnary<Async, ListClaimsRequest, ListClaimsResponse>(
                        *claims_.async(), &Async::ListClaims, claims, self, absl::Seconds(2)),
                    [this, withdrawals,
                     self](const ListClaimsResponse&) -> absl::StatusOr<rpc::Fetch<ListWithdrawalsResponse>> {
                      return rpc::FetchUnary<Async, ListWithdrawalsRequest, ListWithdrawalsResponse>(
                          *claims_.async(), &Async::ListWithdrawals, withdrawals, self, absl::Seconds(2));
                    }));
  return [cases, number](absl::AnyInvocable<void(absl::StatusOr<bool>)> done) {
    cases([number, done = std::move(done)](const auto& found) mutable {
      if (!found.ok()) return done(found.status());
      const auto& [of_claims, of_withdrawals] = *found;
      done(HasPaper(of_claims.claims(), of_claims.next_page_token(), number) ||
           HasPaper(of_withdrawals.withdrawals(), of_withdrawals.next_page_token(), number));
    });
  };
}

rpc::Fetch<NumberInUse> NumberBinder::FetchUse(const BindReturnNumberRequest& binding) const {
  const rpc::Fetch<Found> own = rpc::FetchOwn<Found>(
      environment_.store, [this, binding](store::Reader& reader) -> absl::StatusOr<Found> {
        return FindOwn(binding, environment_.clock.Now(), environment_.store.parts(), reader);
      });
  return [this, own,
          number = binding.return_number()](absl::AnyInvocable<void(absl::StatusOr<NumberInUse>)> done) {
    own([this, number, done = std::move(done)](absl::StatusOr<Found> found) mutable {
      if (!found.ok()) return done(found.status());
      if (found->order_id.empty()) return done(found->in_use);
      FetchPaper(found->order_id, number)(
          [in_use = found->in_use, done = std::move(done)](absl::StatusOr<bool> has_paper) mutable {
            if (!has_paper.ok()) return done(has_paper.status());
            in_use.has_paper = *has_paper;
            done(in_use);
          });
    });
  };
}

rpc::Fetch<ReturnNumber> NumberBinder::FetchBound(const BindReturnNumberRequest& binding) const {
  return [this, binding](absl::AnyInvocable<void(absl::StatusOr<ReturnNumber>)> done) {
    FetchUse(binding)([this, binding, done = std::move(done)](absl::StatusOr<NumberInUse> in_use) mutable {
      if (!in_use.ok()) return done(in_use.status());
      rpc::FetchDecided<ReturnNumber>(environment_, rules::ServiceActor("orders"), binding.command(),
                                      rules::ReturnNumberKey(binding),
                                      [binding, in_use = *in_use](rules::Transaction& tx) {
                                        return rules::BindReturnNumber(binding, in_use, tx);
                                      })(std::move(done));
    });
  };
}

}  // namespace makegood::services
