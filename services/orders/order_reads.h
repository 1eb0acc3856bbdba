// What is read of orders: each past the writer, on the store's readers, within the caller's scope
// (ROL-11).
#pragma once

#include <cstdint>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/flow/record_stream.h"
#include "common/rpc/rpc.h"
#include "common/rules/orders/order_records.h"
#include "common/store/store.h"
#include "makegood/base/v1/access.pb.h"
#include "makegood/orders/v1/contacts_service.pb.h"
#include "makegood/orders/v1/fastcentrik_service.pb.h"
#include "makegood/orders/v1/orders_service.pb.h"
#include "makegood/orders/v1/scorecard_service.pb.h"
#include "makegood/orders/v1/timeline_service.pb.h"

namespace makegood::services {

// Reads of one service's store. Thread-safe. `environment` outlives it.
class OrderReads {
 public:
  explicit OrderReads(const rpc::Environment& environment) : environment_(environment) {}

  absl::StatusOr<orders::v1::Order> GetOrder(const orders::v1::GetOrderRequest& request,
                                             const base::v1::Actor& actor, store::Reader& reader) const;
  absl::StatusOr<orders::v1::ListOrdersResponse> ListOrders(const orders::v1::ListOrdersRequest& request,
                                                            const base::v1::Actor& actor,
                                                            store::Reader& reader) const;
  absl::StatusOr<orders::v1::CorrectionCase> GetCorrection(const orders::v1::GetCorrectionRequest& request,
                                                           const base::v1::Actor& actor,
                                                           store::Reader& reader) const;
  absl::StatusOr<orders::v1::ListCorrectionsResponse> ListCorrections(
      const orders::v1::ListCorrectionsRequest& request, const base::v1::Actor& actor,
      store::Reader& reader) const;
  absl::StatusOr<orders::v1::Contact> GetContact(const orders::v1::GetContactRequest& request,
                                                 const base::v1::Actor& actor, store::Reader& reader) const;
  absl::StatusOr<orders::v1::ListTimelineResponse> ListTimeline(
      const orders::v1::ListTimelineRequest& request, const base::v1::Actor& actor,
      store::Reader& reader) const;
  // KPI-01, KPI-05, KPI-07. RESOURCE_EXHAUSTED for more than a million days of merchants.
  absl::StatusOr<orders::v1::Scorecard> GetScorecard(const orders::v1::GetScorecardRequest& request,
                                                     const base::v1::Actor& actor,
                                                     store::Reader& reader) const;

  // ORD-01, ORD-08: what goes to the shop.
  absl::StatusOr<orders::v1::ExportOrdersResponse> ExportOrders(
      const orders::v1::ExportOrdersRequest& request, const base::v1::Actor& actor,
      store::Reader& reader) const;
  // ORD-08: the drift report.
  absl::StatusOr<orders::v1::CompareStatusesResponse> CompareStatuses(
      const orders::v1::CompareStatusesRequest& request, const base::v1::Actor& actor,
      store::Reader& reader) const;

  // Entries of an order's timeline that `actor` may see, of at most `limit`, and `max_bytes`, after the one
  // at `after` (ORD-10).
  absl::StatusOr<flow::Piece<orders::v1::TimelineEntry>> ReadTimeline(absl::string_view order_id,
                                                                      int64_t after, int limit,
                                                                      size_t max_bytes,
                                                                      const base::v1::Actor& actor,
                                                                      store::Reader& reader) const;

 private:
  // The order, within the caller's scope.
  absl::StatusOr<orders::v1::Order> OwnOrder(absl::string_view order_id, const base::v1::Actor& actor,
                                             store::Reader& reader) const;

  const rpc::Environment& environment_;
};

}  // namespace makegood::services
