// The task that hands a notice over by e-mail (NTF-05).
#pragma once

#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/flow/flow.h"
#include "common/rpc/rpc.h"
#include "common/rules/notices/notice_records.h"
#include "common/rules/notices/notice_words.h"
#include "makegood/orders/v1/contacts_service.grpc.pb.h"
#include "makegood/orders/v1/orders_service.grpc.pb.h"
#include "services/notifications/mailer.h"

namespace makegood::notifications {

// How long an e-mail is tried before its notice is FAILED as unreachable, on the domain's clock.
inline constexpr absl::Duration kEmailTime = absl::Hours(24);

// Runs send_email tasks: finds the address by the owner's stub now and keeps it nowhere (SYS-09),
// writes the text, hands it to the mailer. All that it is made with outlives it. Thread-safe.
class EmailTask {
 public:
  EmailTask(const rpc::Environment& environment, const rules::Texts& texts, Mailer& mailer,
            orders::v1::OrdersService::StubInterface& orders,
            orders::v1::ContactsService::StubInterface& contacts)
      : environment_(environment), texts_(texts), mailer_(mailer), orders_(orders), contacts_(contacts) {}

  // A flow::TaskHandler. Done with the notice SENT; FAILED where there is no address, the mail server
  // refuses it for good, or the time allowed is over; otherwise an error, and the runner tries again.
  absl::StatusOr<flow::Decision> Run(const rules::Task& task, absl::Time deadline);

 private:
  // A record of ours.
  template <typename M>
  absl::StatusOr<M> Read(const std::string& id) const;
  absl::StatusOr<flow::Decision> HandOver(const rules::Notice& notice, const std::string& contact_id,
                                          absl::Time deadline);
  // NOT_FOUND where there is none.
  absl::StatusOr<std::string> AddressOf(const rules::Notice& notice, const std::string& contact_id,
                                        const rules::Policy& policy, absl::Time deadline) const;
  absl::StatusOr<std::string> AddressIn(const std::string& contact_id, absl::Time deadline) const;
  absl::StatusOr<std::string> ContactOf(const std::string& order_id, absl::Time deadline) const;
  absl::StatusOr<Email> Write(const rules::Notice& notice, const rules::Policy& policy,
                              const std::string& address) const;
  bool OutOfTime(const rules::Notice& notice) const;

  const rpc::Environment environment_;
  const rules::Texts& texts_;
  Mailer& mailer_;
  orders::v1::OrdersService::StubInterface& orders_;
  orders::v1::ContactsService::StubInterface& contacts_;
};

}  // namespace makegood::notifications
