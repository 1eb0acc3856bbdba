// The orders service with all that it does by itself: it follows all four services' events, its own
// included, for the timelines (ORD-10) and the list of work (WRK-01), and reacts to those of payments
// (ORD-01, ORD-05, PAY-02); what has changed an order it tells the merchant's stock (AVL-01).
#pragma once

#include <memory>
#include <vector>

#include "services/host/app.h"
#include "services/orders/addresses_service.h"
#include "services/orders/contacts_service.h"
#include "services/orders/deliveries_service.h"
#include "services/orders/erasure_service.h"
#include "services/orders/incidents_service.h"
#include "services/orders/number_binder.h"
#include "services/orders/orders_kind.h"
#include "services/orders/orders_service.h"
#include "services/orders/return_numbers_service.h"
#include "services/orders/scorecard_service.h"
#include "services/orders/stores_service.h"
#include "services/orders/timeline_service.h"
#include "services/orders/work_service.h"

namespace makegood::services {

class OrdersApp final : public App {
 public:
  explicit OrdersApp(const AppContext& context);

  void AddServices(rpc::Server& server) override;
  void Start() override;
  void EndStreams() override;
  std::vector<const flow::Subscriber*> subscribers() const override;
  flow::TaskRunner* tasks() override { return tasks_.get(); }

 private:
  const AppContext context_;
  const std::unique_ptr<claims::v1::ClaimsService::StubInterface> claims_;
  const NumberBinder numbers_;
  OrdersService orders_;
  ContactsService contacts_;
  AddressesService addresses_;
  ReturnNumbersService return_numbers_;
  TimelineService timelines_;
  WorkService work_;
  IncidentsService incidents_;
  DeliveriesService deliveries_;
  StoresService stores_;
  ScorecardService scorecards_;
  FastCentrikService fast_centrik_;
  ErasureService erasures_;
  PolicyService policies_;
  ErasureTasks erasing_;
  // Made by Start. They use all of the above, and end first.
  std::unique_ptr<flow::TaskRunner> tasks_;
  std::vector<std::unique_ptr<flow::Subscriber>> subscribers_;
};

}  // namespace makegood::services
