// The return number of a paper, which must be its order's before the paper is decided (RFD-05): it is asked
// of its owner.
#pragma once

#include <cstdint>
#include <string>
#include <utility>

#include "absl/random/random.h"
#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "common/rules/policy/return_number.h"
#include "common/rules/times.h"
#include "makegood/base/v1/command.pb.h"
#include "makegood/base/v1/resource.pb.h"
#include "makegood/orders/v1/return_numbers_service.grpc.pb.h"
#include "services/host/fetch_order.h"

namespace makegood::services {

// What is asked for a paper of `order_id`, that `command` gives the number. Each asking is another, since the
// time for the paper begins with it.
inline orders::v1::BindReturnNumberRequest BindingOf(const std::string& order_id,
                                                     const base::v1::PolicyRef& policy,
                                                     const std::string& return_number,
                                                     const base::v1::Command& command) {
  absl::BitGen random;
  orders::v1::BindReturnNumberRequest binding;
  binding.mutable_command()->set_request_id(absl::StrCat(absl::Hex(absl::ToUnixNanos(absl::Now())), "-",
                                                         absl::Hex(absl::Uniform<uint64_t>(random))));
  binding.mutable_command()->set_validate_only(command.validate_only());
  binding.set_order_id(order_id);
  binding.set_marketplace(policy.marketplace());
  binding.set_return_number(return_number);
  return binding;
}

// Asked by the paper's own decision.
inline absl::Status CheckStillBound(const orders::v1::ReturnNumber& number, absl::Time now) {
  return rules::CheckStillBound(rules::ToTime(number.update_time()), now);
}

// For rpc::CommandAfter. `asker` is the service that asks; `numbers` outlives the call.
inline rpc::Fetch<orders::v1::ReturnNumber> FetchBound(
    orders::v1::ReturnNumbersService::StubInterface& numbers, absl::string_view asker,
    orders::v1::BindReturnNumberRequest binding) {
  using Async = orders::v1::ReturnNumbersService::StubInterface::async_interface;
  return AnsweredBy("orders",
                    rpc::FetchUnary<Async, orders::v1::BindReturnNumberRequest, orders::v1::ReturnNumber>(
                        *numbers.async(), &Async::BindReturnNumber, std::move(binding),
                        rules::ServiceActor(asker), absl::Seconds(5)));
}

}  // namespace makegood::services
