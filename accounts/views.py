"""Sign-in and sign-up: allauth's views with our own pages."""

from typing import Any

from allauth.account.views import LoginView, LogoutView, PasswordResetView, SignupView
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from accounts import services, workspace
from accounts.adapter import invitation_code
from accounts.forms import SignInForm, SignUpForm
from accounts.models import User
from chat.identity import throttle
from chat.identity.passwords import in_words
from chat.lib import client_address

# Cookie set by the chat's page: the last open room on this device.
LAST_ROOM_COOKIE = "last_room"


class SignInView(LoginView):
    """The sign-in page."""

    form_class = SignInForm

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """The page; on a new server, a redirect to the sign-up of the first account."""
        if services.is_first_account():
            return redirect("account_signup")
        response: HttpResponseBase = super().get(request, *args, **kwargs)
        return response

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the ways to get an account."""
        page: dict[str, Any] = super().get_context_data(**kwargs)
        return page | {
            "sign_up_open": services.may_sign_up(invitation=""),
            "by_invitation": workspace.signup() == "invite",
            "reset_by_email": settings.CHAT_RESET_BY_EMAIL,
        }


class ResetView(PasswordResetView):
    """The page to request an e-mail with a link to reset the password."""

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Send the e-mail."""
        if not settings.CHAT_RESET_BY_EMAIL:
            raise Http404
        # Uses the limit of signing in, because it is another way to sign in.
        if retry_after := throttle.check("sign_in", address=client_address.of_request(request)):
            context, headers = {"wait": in_words(retry_after)}, {"Retry-After": str(retry_after)}
            return HttpResponse(render_to_string("429.html", context, request), status=429, headers=headers)
        response: HttpResponseBase = super().post(request, *args, **kwargs)
        return response

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the setting."""
        page: dict[str, Any] = super().get_context_data(**kwargs)
        return page | {"reset_by_email": settings.CHAT_RESET_BY_EMAIL}


class SignUpView(SignupView):
    """The sign-up page."""

    form_class = SignUpForm

    def get_form_class(self) -> type[SignUpForm]:
        """Our form."""
        return SignUpForm

    def render_to_response(self, context: dict[str, Any], **kwargs: Any) -> HttpResponse:
        """Mark a page that contains an invitation code."""
        response: HttpResponse = super().render_to_response(context, **kwargs)
        # It contains the invitation's code beside text that a link to this page can choose (BREACH).
        response.holds_secret = bool(context["invitation"])  # type: ignore[attr-defined]
        return response

    def closed(self) -> HttpResponse:
        """The page without a form, when sign-up is not allowed."""
        code = invitation_code(self.request)
        page = {"by_invitation": workspace.signup() == "invite", "refused": bool(code)}
        return render(self.request, "account/signup_closed.html", page, status=403)

    def form_valid(self, form: SignUpForm) -> HttpResponse:
        """Create the account and sign in."""
        created = form.create(self.request)
        response: HttpResponse = super().form_valid(form) if created else self.form_invalid(form)
        return response

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the inviter and the invitation."""
        code = invitation_code(self.request)
        page: dict[str, Any] = super().get_context_data(**kwargs)
        return page | {
            "first_account": services.is_first_account(),
            "invitation": code,
            "inviter": (inviter := services.inviter(code)),
            "size": services.workspace_size() if inviter else None,
        }


class SignOutView(LogoutView):
    """The sign-out page."""

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Sign out, here or everywhere."""
        if "everywhere" in request.POST and isinstance(request.user, User):
            services.sign_out_everywhere(user=request.user)
        response: HttpResponse = super().post(request, *args, **kwargs)
        # The next user of this browser must not see the last room. Scripts have already removed the rest.
        # Clear-Site-Data would also remove the data of this device's other users, which are kept apart.
        response.delete_cookie(LAST_ROOM_COOKIE, samesite="Lax")
        return response


@require_GET
@never_cache
def username_check(request: HttpRequest) -> JsonResponse:
    """The problem of a username while the sign-up form is filled in; empty when there is none."""
    if not services.may_sign_up(invitation=invitation_code(request)):
        raise Http404
    if retry_after := throttle.check("username", address=client_address.of_request(request)):
        return JsonResponse({"error": ""}, status=429, headers={"Retry-After": str(retry_after)})
    username = request.GET.get("username", "")
    errors = services.account_errors(username=username).get("username", [])
    answer = {"error": next(iter(errors), "")}
    if "proposed" in request.GET and errors:
        # The name was proposed, not typed: propose another one instead of an error.
        answer["free"] = services.username_free(username)
    return JsonResponse(answer)
