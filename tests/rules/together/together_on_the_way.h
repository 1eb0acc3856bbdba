// What couriers, carriers and customers do with a parcel that has left.
#pragma once

#include <vector>

#include "tests/rules/together/together_hands.h"
#include "tests/rules/together/together_script.h"

namespace makegood::testing {

// By the one who may, or sometimes by another.
inline base::v1::Actor Acting(const MoneyStep& step, const base::v1::Actor& right) {
  static const auto* const others = new std::vector<base::v1::Actor>{
      Customer(), Customer("c-2"), Employee(), Manager("m-2"), Manager(), Operations(), Service(), Auditor()};
  return step.actor < 12 ? right : others->at(step.actor - 12);
}

class TogetherOnTheWay {
 public:
  explicit TogetherOnTheWay(TogetherHands& hands) : hands_(hands) {}

  void Courier(const MoneyStep& step) {
    using namespace deliveries::v1;  // NOLINT(build/namespaces): every request of the service
    switch (step.which % 6) {
      case 0:
        return (void)hands_.OnTheWay("RecallCourier", rules::RecallCourier, Acting(step, Manager()),
                                     RecallCourierRequest());
      case 1:
        return (void)hands_.OnTheWay("RecordRefusal", rules::RecordRefusal, Acting(step, Employee()),
                                     RecordRefusalRequest());
      case 2:
      case 3:
        return (void)hands_.OnTheWay("RecordParcelBack", rules::RecordParcelBack, Acting(step, Employee()),
                                     RecordParcelBackRequest());
      default: {
        DispatchRequest request;
        request.set_courier_id("courier-1");
        return (void)hands_.OnTheWay("Dispatch", rules::Dispatch, Acting(step, Employee()), request);
      }
    }
  }

  void AtTheDoor(const MoneyStep& step) {
    using namespace deliveries::v1;  // NOLINT(build/namespaces): every request of the service
    switch (step.which % 6) {
      case 0:
      case 1:
        return (void)hands_.OnTheWay("RecordArrival", rules::RecordArrival, Acting(step, Employee()),
                                     RecordArrivalRequest());
      case 2: {
        RecordContactRequest request;
        request.set_coming(step.twice);
        return (void)hands_.OnTheWay("RecordContact", rules::RecordContact, Acting(step, Employee()),
                                     request);
      }
      case 3: {
        AllowThirdPersonRequest request;
        request.add_takers(base::v1::TAKER_CONCIERGE);
        return (void)hands_.OnTheWay("AllowThirdPerson", rules::AllowThirdPerson, Acting(step, Customer()),
                                     request);
      }
      default: {
        HandOverParcelRequest request;
        request.set_taker(step.twice ? base::v1::TAKER_RECIPIENT : base::v1::TAKER_CONCIERGE);
        if (!step.twice) request.set_taker_name("Hasan");
        return (void)hands_.OnTheWay("HandOverParcel", rules::HandOverParcel, Acting(step, Employee()),
                                     request);
      }
    }
  }

  void Carrier(const MoneyStep& step) {
    using namespace deliveries::v1;  // NOLINT(build/namespaces): every request of the service
    switch (step.which % 8) {
      case 0:
      case 1: {
        RequestInterceptionRequest request;
        request.set_reason(step.twice ? INTERCEPTION_REASON_CANCEL : INTERCEPTION_REASON_WRONG_ADDRESS);
        return (void)hands_.OnTheWay("RequestInterception", rules::RequestInterception,
                                     Acting(step, Customer()), request);
      }
      case 2:
      case 3: {
        RecordInterceptionRequest request;
        request.set_answer(step.twice ? INTERCEPTION_ANSWER_GIVEN_BACK : INTERCEPTION_ANSWER_NOT_GIVEN_BACK);
        return (void)hands_.OnTheWay("RecordInterception", rules::RecordInterception,
                                     Acting(step, Employee()), request);
      }
      case 4:
        return (void)hands_.OnTheWay("RecordCustomsHold", rules::RecordCustomsHold, Acting(step, Employee()),
                                     RecordCustomsHoldRequest());
      case 5:
        return (void)hands_.OnTheWay("RecordCustomsRelease", rules::RecordCustomsRelease,
                                     Acting(step, Employee()), RecordCustomsReleaseRequest());
      case 6:
        return (void)hands_.OnTheWay("ReportNotArrived", rules::ReportNotArrived, Acting(step, Customer()),
                                     ReportNotArrivedRequest());
      default:
        return (void)hands_.OnTheWay("RecordLateArrival", rules::RecordLateArrival, Acting(step, Customer()),
                                     RecordLateArrivalRequest());
    }
  }

 private:
  TogetherHands& hands_;
};

}  // namespace makegood::testing
