// Orders and requests for tests of claims and withdrawals.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/base/ids.h"
#include "common/rules/times.h"
#include "makegood/claims/v1/claims_service.pb.h"
#include "makegood/orders/v1/orders.pb.h"
#include "tests/support/rules_support.h"

namespace makegood::testing {

// A delivered order o-1 of c-1001 at m-1: two lines, l-1 with three units of 36.30 at 21 % and l-2
// with one of 12.00 at 0 %, and 5.00 for the delivery.
inline orders::v1::Order DeliveredOrder(absl::string_view marketplace, absl::string_view currency,
                                        absl::Time delivered, absl::string_view order_id = "o-1") {
  orders::v1::Order order;
  order.set_order_id(std::string(order_id));
  order.set_version(4);
  order.mutable_policy()->set_marketplace(std::string(marketplace));
  order.mutable_policy()->set_version(ShippedVersion(marketplace));
  order.set_merchant_id("m-1");
  order.set_customer_id("c-1001");
  order.set_state(orders::v1::Order::STATE_DELIVERED);
  *order.mutable_delivered_time() = rules::ToTimestamp(delivered);
  orders::v1::OrderLine& first = *order.add_lines();
  first.set_line_id("l-1");
  first.set_sku("sku-1");
  first.set_quantity(3);
  first.set_unit_price_minor(3630);
  first.set_vat_basis_points(2100);
  orders::v1::OrderLine& second = *order.add_lines();
  second.set_line_id("l-2");
  second.set_sku("sku-2");
  second.set_quantity(1);
  second.set_unit_price_minor(1200);
  for (base::v1::Money* money : {order.mutable_delivery_fee(), order.mutable_total()}) {
    money->set_currency(std::string(currency));
  }
  order.mutable_delivery_fee()->set_amount_minor(500);
  order.mutable_total()->set_amount_minor(3 * 3630 + 1200 + 500);
  return order;
}

using Units = std::vector<std::pair<std::string, int>>;

template <typename Request>
void AddUnits(const Units& units, Request& request) {
  for (const auto& [line, quantity] : units) {
    claims::v1::ClaimedUnits& named = *request.add_units();
    named.set_line_id(line);
    named.set_quantity(quantity);
  }
}

inline claims::v1::OpenClaimRequest OpenRequest(const Units& units,
                                                base::v1::ClaimKind kind = base::v1::CLAIM_KIND_MISSING,
                                                absl::string_view order_id = "o-1") {
  claims::v1::OpenClaimRequest request;
  request.set_order_id(std::string(order_id));
  request.set_kind(kind);
  AddUnits(units, request);
  return request;
}

// A request about one claim that needs nothing else.
template <typename Request>
Request About(const claims::v1::Claim& claim) {
  Request request;
  request.set_claim_id(claim.claim_id());
  return request;
}

inline claims::v1::RejectClaimRequest RejectRequest(const claims::v1::Claim& claim) {
  auto request = About<claims::v1::RejectClaimRequest>(claim);
  request.set_reason(claims::v1::Claim::REJECTION_REASON_GOODS_AS_ORDERED);
  return request;
}

inline claims::v1::ChooseResolutionRequest ChooseRequest(const claims::v1::Claim& claim,
                                                         base::v1::ResolutionKind resolution) {
  auto request = About<claims::v1::ChooseResolutionRequest>(claim);
  request.set_resolution(resolution);
  return request;
}

inline claims::v1::RecordReshipRequest ReshipRequest(const claims::v1::Claim& claim,
                                                     absl::string_view carrier = "parcel service") {
  auto request = About<claims::v1::RecordReshipRequest>(claim);
  request.set_carrier(std::string(carrier));
  request.set_tracking_number("track-1");
  return request;
}

inline claims::v1::CreateReturnDocumentRequest ReturnRequest(const claims::v1::Claim& claim,
                                                             absl::string_view number = "4712345678") {
  auto request = About<claims::v1::CreateReturnDocumentRequest>(claim);
  request.set_return_number(std::string(number));
  return request;
}

// A picture whose content is `seed`, as a claim keeps it.
inline claims::v1::Evidence Picture(absl::string_view seed, int64_t size_bytes = 1000) {
  claims::v1::Evidence file;
  file.set_evidence_id(Sha256Hex(seed));
  file.set_content_type("image/jpeg");
  file.set_size_bytes(size_bytes);
  return file;
}

// What payments tells of a case's grant: it is made, and nothing more comes of it.
inline events::v1::Event RefundGrantedEvent(absl::string_view case_id, base::v1::RefundReason reason,
                                            absl::string_view grant_id = "grant-1") {
  events::v1::Event event;
  event.set_case_id(std::string(case_id));
  event.mutable_refund_granted()->set_grant_id(std::string(grant_id));
  event.mutable_refund_granted()->set_reason(reason);
  return event;
}

inline events::v1::Event GrantClosedEvent(absl::string_view case_id, base::v1::RefundReason reason,
                                          absl::Time time, absl::string_view grant_id = "grant-1") {
  events::v1::Event event;
  event.set_case_id(std::string(case_id));
  *event.mutable_time() = rules::ToTimestamp(time);
  event.mutable_refund_grant_closed()->set_grant_id(std::string(grant_id));
  event.mutable_refund_grant_closed()->set_reason(reason);
  return event;
}

// The Chinese calendar of 2027's beginning, as it may be announced: a day off or a working day more.
inline std::string Announced(absl::string_view category, absl::string_view day,
                             absl::string_view known_until = "20271231") {
  return absl::StrCat(
      "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Makegood//Test//EN\r\n"
      "X-MAKEGOOD-KNOWN-UNTIL:",
      known_until,
      "\r\nBEGIN:VEVENT\r\nUID:new-year\r\nDTSTAMP:20261101T000000Z\r\nCATEGORIES:HOLIDAY\r\n"
      "DTSTART;VALUE=DATE:20270101\r\nEND:VEVENT\r\n"
      "BEGIN:VEVENT\r\nUID:further\r\nDTSTAMP:20261101T000000Z\r\nCATEGORIES:",
      category, "\r\nDTSTART;VALUE=DATE:", day, "\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n");
}

}  // namespace makegood::testing
