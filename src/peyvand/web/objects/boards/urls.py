"""Addresses of boards."""

from django.urls import path

from peyvand.web.objects.boards import moving, page

urlpatterns = [
    path("<plural:plural>/board", page.object_board, name="object-board"),
    # Where the filter builder's form leads.
    path("<plural:plural>/board/", page.object_board),
    path("<plural:plural>/board/filter", page.board_filter, name="board-filter"),
    path("<plural:plural>/board/lane", page.board_lane, name="board-lane"),
    path("<plural:plural>/board/changes", page.board_changes, name="board-changes"),
    path("<plural:plural>/board/move", moving.object_move, name="object-move"),
]
