#include "tools/makegoodctl/client/client.h"

#include <chrono>

#include "absl/strings/str_cat.h"

namespace makegood::ctl {

base::v1::Actor MakeActor(base::v1::Role role, absl::string_view id, absl::string_view store_id) {
  base::v1::Actor actor;
  actor.set_role(role);
  actor.set_actor_id(std::string(id));
  actor.set_store_id(std::string(store_id));
  return actor;
}

bool IsAmbiguous(const absl::Status& status) {
  return absl::IsUnavailable(status) || absl::IsDeadlineExceeded(status) || absl::IsResourceExhausted(status);
}

absl::Duration RetryDelay(int attempt) { return absl::Milliseconds(50) * (1 << attempt); }

Client::Client(const std::string& address, absl::Duration call_timeout)
    : timeout(call_timeout),
      channel(grpc::CreateChannel(address, grpc::InsecureChannelCredentials())),
      orders(orders::v1::OrdersService::NewStub(channel)),
      addresses(orders::v1::AddressesService::NewStub(channel)),
      contacts(orders::v1::ContactsService::NewStub(channel)),
      timelines(orders::v1::TimelineService::NewStub(channel)),
      work(orders::v1::WorkService::NewStub(channel)),
      incidents(incidents::v1::IncidentsService::NewStub(channel)),
      deliveries(deliveries::v1::DeliveriesService::NewStub(channel)),
      stores(stores::v1::StoresService::NewStub(channel)),
      scorecards(orders::v1::ScorecardService::NewStub(channel)),
      fastcentrik(orders::v1::FastCentrikService::NewStub(channel)),
      claims(claims::v1::ClaimsService::NewStub(channel)),
      payments(payments::v1::PaymentsService::NewStub(channel)),
      notifications(notifications::v1::NotificationsService::NewStub(channel)),
      events(events::v1::EventService::NewStub(channel)),
      policies(base::v1::PolicyService::NewStub(channel)),
      clock(base::v1::TestClockService::NewStub(channel)),
      address_(address) {}

absl::Status Client::WaitUntilReady(absl::Duration patience) {
  const auto deadline = std::chrono::system_clock::now() + absl::ToChronoNanoseconds(patience);
  if (channel->WaitForConnected(deadline)) return absl::OkStatus();
  return absl::UnavailableError(absl::StrCat("no server answers at ", address_));
}

}  // namespace makegood::ctl
