#include "services/orders/order_reads.h"

#include <functional>
#include <optional>
#include <string>
#include <utility>

#include "common/base/ids.h"
#include "common/base/status.h"
#include "common/rpc/pages.h"
#include "common/rules/figures/order_figures.h"
#include "common/rules/orders/fastcentrik_rules.h"
#include "common/rules/orders/order_actions.h"
#include "common/rules/orders/order_scope.h"
#include "common/rules/orders/timeline_rules.h"
#include "common/rules/scope.h"

namespace makegood::services {
namespace {

using base::v1::Actor;
using orders::v1::Contact;
using orders::v1::CorrectionCase;
using orders::v1::DayTally;
using orders::v1::Order;
using orders::v1::ShopStatus;
using orders::v1::TimelineEntry;
using rules::RecordTraits;

constexpr int kDefaultPage = 50;
constexpr int kListPage = 1'000;
constexpr int kMaxTallyPages = 1'000;

// The sum of every tally that `query` finds.
absl::StatusOr<DayTally> SumTallies(store::ListQuery query, store::Reader& reader) {
  query.kind = std::string(RecordTraits<DayTally>::kKind);
  query.order = store::ListOrder::kOldestFirst;
  query.limit = kListPage;
  DayTally sum;
  int pages = 0;
  RETURN_IF_ERROR(
      store::ForEachPage(reader, std::move(query), [&](const store::RecordPage& page) -> absl::Status {
        if (++pages > kMaxTallyPages) {
          return absl::ResourceExhaustedError(
              "too many merchants and days for one scorecard; ask for a shorter period");
        }
        for (const rules::StoredRecord& record : page.records) {
          ASSIGN_OR_RETURN(const DayTally tally, rules::Read<DayTally>(record));
          rules::AddTally(tally, sum);
        }
        return absl::OkStatus();
      }));
  return sum;
}

std::function<absl::Status(Order&)> WithActions(const Actor& actor, const rpc::Environment& environment) {
  return [&actor, &environment](Order& order) {
    rules::FillActions(order, actor, environment.clock.Now(), environment.policies);
    return absl::OkStatus();
  };
}

}  // namespace

absl::StatusOr<Order> OrderReads::OwnOrder(absl::string_view order_id, const Actor& actor,
                                           store::Reader& reader) const {
  ASSIGN_OR_RETURN(Order order,
                   rpc::GetRecord<Order>(reader, PartOf(order_id, environment_.store.parts()), order_id));
  RETURN_IF_ERROR(rules::CheckOrderScope(order, actor));
  return order;
}

absl::StatusOr<Order> OrderReads::GetOrder(const orders::v1::GetOrderRequest& request, const Actor& actor,
                                           store::Reader& reader) const {
  ASSIGN_OR_RETURN(Order order, OwnOrder(request.order_id(), actor, reader));
  // Our own services read orders to decide by them, and act by tasks: they ask for no buttons.
  if (!rules::IsOwnService(actor)) {
    rules::FillActions(order, actor, environment_.clock.Now(), environment_.policies);
  }
  return order;
}

absl::StatusOr<orders::v1::ListOrdersResponse> OrderReads::ListOrders(
    const orders::v1::ListOrdersRequest& request, const Actor& actor, store::Reader& reader) const {
  store::ListQuery query;
  rpc::SetFilters(request, query);
  RETURN_IF_ERROR(rpc::LimitToOwn(actor, query));
  orders::v1::ListOrdersResponse response;
  ASSIGN_OR_RETURN(*response.mutable_next_page_token(),
                   rpc::ListPage<Order>(reader, std::move(query), request, *response.mutable_orders(),
                                        WithActions(actor, environment_)));
  return response;
}

absl::StatusOr<CorrectionCase> OrderReads::GetCorrection(const orders::v1::GetCorrectionRequest& request,
                                                         const Actor& actor, store::Reader& reader) const {
  const uint32_t part = PartOf(request.correction_id(), environment_.store.parts());
  ASSIGN_OR_RETURN(CorrectionCase correction,
                   rpc::GetRecord<CorrectionCase>(reader, part, request.correction_id()));
  RETURN_IF_ERROR(rules::CheckScope(actor, correction.merchant_id(), correction.customer_id(), "ROL-11"));
  return correction;
}

absl::StatusOr<orders::v1::ListCorrectionsResponse> OrderReads::ListCorrections(
    const orders::v1::ListCorrectionsRequest& request, const Actor& actor, store::Reader& reader) const {
  store::ListQuery query;
  rpc::SetFilters(request, query);
  RETURN_IF_ERROR(rpc::LimitToOwn(actor, query));
  orders::v1::ListCorrectionsResponse response;
  ASSIGN_OR_RETURN(
      *response.mutable_next_page_token(),
      rpc::ListPage<CorrectionCase>(reader, std::move(query), request, *response.mutable_corrections()));
  return response;
}

absl::StatusOr<Contact> OrderReads::GetContact(const orders::v1::GetContactRequest& request,
                                               const Actor& actor, store::Reader& reader) const {
  const uint32_t part = PartOf(request.contact_id(), environment_.store.parts());
  ASSIGN_OR_RETURN(Contact contact, rpc::GetRecord<Contact>(reader, part, request.contact_id()));
  RETURN_IF_ERROR(OwnOrder(contact.order_id(), actor, reader).status());
  return contact;
}

absl::StatusOr<flow::Piece<TimelineEntry>> OrderReads::ReadTimeline(absl::string_view order_id, int64_t after,
                                                                    int limit, size_t max_bytes,
                                                                    const Actor& actor,
                                                                    store::Reader& reader) const {
  ASSIGN_OR_RETURN(const Order order, OwnOrder(order_id, actor, reader));
  ASSIGN_OR_RETURN(const rules::Policy* policy, environment_.policies.At(order.policy()));
  const rules::Locale locale = rules::LocaleOf(actor, order, *policy);
  store::ListQuery query;
  query.kind = std::string(RecordTraits<TimelineEntry>::kKind);
  query.order_id = std::string(order_id);
  query.order = store::ListOrder::kOldestFirst;
  query.limit = limit;
  query.max_bytes = max_bytes;
  query.after.emplace(rules::PlaceOfIndex(after), rules::TimelineEntryId(order_id, after));
  ASSIGN_OR_RETURN(const store::RecordPage found, reader.List(query));
  flow::Piece<TimelineEntry> piece;
  piece.last = after;
  piece.more = found.more;
  for (const rules::StoredRecord& record : found.records) {
    ASSIGN_OR_RETURN(TimelineEntry entry, rules::Read<TimelineEntry>(record));
    piece.last = entry.index();
    ASSIGN_OR_RETURN(const bool shown, rules::ShowTo(actor, locale, entry));
    if (shown) piece.messages.push_back(std::move(entry));
  }
  return piece;
}

absl::StatusOr<orders::v1::ListTimelineResponse> OrderReads::ListTimeline(
    const orders::v1::ListTimelineRequest& request, const Actor& actor, store::Reader& reader) const {
  ASSIGN_OR_RETURN(const int64_t after, rules::IndexOf(request.order_id(), request.resume_token()));
  const int limit = request.page_size() > 0 ? request.page_size() : kDefaultPage;
  ASSIGN_OR_RETURN(flow::Piece<TimelineEntry> piece,
                   ReadTimeline(request.order_id(), after, limit, rpc::kPageBytes, actor, reader));
  orders::v1::ListTimelineResponse response;
  for (TimelineEntry& entry : piece.messages) *response.add_entries() = std::move(entry);
  if (piece.last > 0) response.set_resume_token(rules::ResumeToken(request.order_id(), piece.last));
  response.set_more(piece.more);
  return response;
}

absl::StatusOr<orders::v1::Scorecard> OrderReads::GetScorecard(const orders::v1::GetScorecardRequest& request,
                                                               const Actor& actor,
                                                               store::Reader& reader) const {
  RETURN_IF_ERROR(rules::CheckScope(actor, request.merchant_id(), "", "ROL-11"));
  ASSIGN_OR_RETURN(const rules::Policy* policy, environment_.policies.Current(request.marketplace()));
  ASSIGN_OR_RETURN(const rules::Period period,
                   rules::PeriodOf(request, environment_.policies.DaysOf(*policy).zone()));
  store::ListQuery query;
  query.merchant_id = request.merchant_id();
  query.groups = {request.marketplace()};
  query.from = period.from;
  query.until = period.until;
  ASSIGN_OR_RETURN(const DayTally sum, SumTallies(std::move(query), reader));
  orders::v1::Scorecard scorecard;
  scorecard.set_marketplace(request.marketplace());
  scorecard.set_merchant_id(request.merchant_id());
  for (orders::v1::Figure& figure : rules::OrderFigures(sum, *policy)) {
    *scorecard.add_figures() = std::move(figure);
  }
  return scorecard;
}

absl::StatusOr<orders::v1::ExportOrdersResponse> OrderReads::ExportOrders(
    const orders::v1::ExportOrdersRequest& request, const Actor& actor, store::Reader& reader) const {
  RETURN_IF_ERROR(rules::CheckScope(actor, request.merchant_id(), "", "ROL-11"));
  store::ListQuery query;
  query.merchant_id = request.merchant_id();
  query.groups = {Order::State_Name(Order::STATE_OPEN)};
  query.order = store::ListOrder::kOldestFirst;
  google::protobuf::RepeatedPtrField<Order> open;
  orders::v1::ExportOrdersResponse response;
  ASSIGN_OR_RETURN(
      *response.mutable_next_page_token(),
      rpc::ListPage<Order>(reader, std::move(query), request, open, WithActions(actor, environment_)));
  for (Order& order : open) {
    orders::v1::ExportedOrder& exported = *response.add_orders();
    exported.set_status(std::string(rules::kPending));
    *exported.mutable_order() = std::move(order);
  }
  return response;
}

absl::StatusOr<orders::v1::CompareStatusesResponse> OrderReads::CompareStatuses(
    const orders::v1::CompareStatusesRequest& request, const Actor& actor, store::Reader& reader) const {
  RETURN_IF_ERROR(rules::CheckScope(actor, request.merchant_id(), "", "ROL-11"));
  orders::v1::CompareStatusesResponse response;
  for (const ShopStatus& report : request.reports()) {
    absl::StatusOr<Order> found = rpc::GetRecord<Order>(
        reader, PartOf(report.order_id(), environment_.store.parts()), report.order_id());
    if (!found.ok() && !absl::IsNotFound(found.status())) return found.status();
    std::optional<Order> order;
    absl::TimeZone zone = absl::UTCTimeZone();
    if (found.ok() && found->merchant_id() == request.merchant_id()) {
      ASSIGN_OR_RETURN(const rules::Policy* policy, environment_.policies.At(found->policy()));
      zone = environment_.policies.DaysOf(*policy).zone();
      order = *std::move(found);
    }
    std::optional<orders::v1::Drift> drift =
        rules::CompareStatus(order, report, zone, environment_.clock.Now());
    if (drift.has_value()) *response.add_drifts() = *std::move(drift);
  }
  return response;
}

}  // namespace makegood::services
