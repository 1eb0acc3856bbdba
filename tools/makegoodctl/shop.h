// FastCentrik's CSV files: order_number,status,date_of_delivery (ORD-08).
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "makegood/orders/v1/fastcentrik_service.pb.h"
#include "tools/makegoodctl/client.h"

namespace makegood::ctl {

// What became of one row.
struct ShopVerdict {
  int64_t line = 0;
  orders::v1::ShopStatus report;
  std::string outcome;  // ACCEPTED, UNCHANGED, UNMAPPED or REFUSED
  std::string rule_id;  // of a refusal
  std::string reason;   // of a refusal
};

// Reports every row of the file, in order, on behalf of the store. Each row is judged by itself. The
// request id of a row is made of the file's name, the line and its content, so that the same file
// again changes nothing.
absl::StatusOr<std::vector<ShopVerdict>> ImportShopStatuses(Client& client, const base::v1::Actor& connector,
                                                            const std::string& path);

// The store's open orders in the same form, status "pending".
absl::StatusOr<std::string> ExportShopOrders(Client& client, const base::v1::Actor& connector,
                                             const std::string& merchant_id);

// The orders on which the file and the suite disagree.
absl::StatusOr<std::vector<orders::v1::Drift>> CompareShopStatuses(Client& client,
                                                                   const base::v1::Actor& connector,
                                                                   const std::string& merchant_id,
                                                                   const std::string& path);

void PrintVerdicts(const std::vector<ShopVerdict>& verdicts);
void PrintDrifts(const std::vector<orders::v1::Drift>& drifts);

}  // namespace makegood::ctl
