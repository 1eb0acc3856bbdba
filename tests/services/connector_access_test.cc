// What a store's software may call (ROL-12), by the contracts of all services.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "google/protobuf/descriptor.h"
#include "makegood/base/v1/access.pb.h"
#include "makegood/base/v1/policy.pb.h"
#include "makegood/base/v1/test_clock.pb.h"
#include "makegood/claims/v1/claims_service.pb.h"
#include "makegood/events/v1/event_service.pb.h"
#include "makegood/notifications/v1/notifications_service.pb.h"
#include "makegood/orders/v1/contacts_service.pb.h"
#include "makegood/orders/v1/fastcentrik_service.pb.h"
#include "makegood/orders/v1/orders_service.pb.h"
#include "makegood/orders/v1/scorecard_service.pb.h"
#include "makegood/orders/v1/timeline_service.pb.h"
#include "makegood/payments/v1/payments_service.pb.h"
#include "makegood/stores/v1/stores_service.pb.h"

namespace makegood {
namespace {

// The methods of the file in which `Request` stands that admit a connector.
template <typename Request>
std::vector<std::string> OpenToConnectors() {
  std::vector<std::string> open;
  const google::protobuf::FileDescriptor& file = *Request::descriptor()->file();
  for (int s = 0; s < file.service_count(); ++s) {
    for (int m = 0; m < file.service(s)->method_count(); ++m) {
      const auto& method = *file.service(s)->method(m);
      const auto& roles = method.options().GetExtension(base::v1::access).roles();
      if (std::count(roles.begin(), roles.end(), base::v1::ROLE_CONNECTOR) > 0) open.push_back(method.name());
    }
  }
  return open;
}

using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

TEST(ConnectorAccess, ROL_12_AConnectorExportsReportsSetsStockAndReadsItsOwnAndNothingElse) {
  EXPECT_THAT(OpenToConnectors<orders::v1::ExportOrdersRequest>(),
              UnorderedElementsAre("ExportOrders", "ReportStatus", "CompareStatuses"));
  EXPECT_THAT(OpenToConnectors<orders::v1::GetOrderRequest>(),
              UnorderedElementsAre("GetOrder", "ListOrders"));
  EXPECT_THAT(OpenToConnectors<orders::v1::ListTimelineRequest>(),
              UnorderedElementsAre("ListTimeline", "StreamTimeline"));
  EXPECT_THAT(OpenToConnectors<stores::v1::SetStockRequest>(),
              UnorderedElementsAre("SetStock", "GetOffer", "ListOffers"));
  EXPECT_THAT(OpenToConnectors<orders::v1::GetContactRequest>(), IsEmpty());
  EXPECT_THAT(OpenToConnectors<orders::v1::GetScorecardRequest>(), IsEmpty());
  EXPECT_THAT(OpenToConnectors<claims::v1::GetClaimRequest>(), IsEmpty());
  EXPECT_THAT(OpenToConnectors<payments::v1::GetAccountRequest>(), IsEmpty());
  EXPECT_THAT(OpenToConnectors<notifications::v1::GetNoticeRequest>(), IsEmpty());
  EXPECT_THAT(OpenToConnectors<events::v1::SubscribeRequest>(), IsEmpty());
  EXPECT_THAT(OpenToConnectors<base::v1::GetPolicyRequest>(), IsEmpty());
  EXPECT_THAT(OpenToConnectors<base::v1::AdvanceTimeRequest>(), IsEmpty());
}

}  // namespace
}  // namespace makegood
